import type { DeviceProfile, VirtualResource } from './document/schema.ts';
import { DewproofError } from './errors.ts';

/**
 * Refuses a device whose approved profile lacks a link that the document needs; whether the host really has it is for
 * the device to find out. @throws WRONG_DEVICE
 */
export function verifyProfileLinks({ spec }: VirtualResource, profile: DeviceProfile | undefined): void {
  const links = profile?.spec.links ?? [];
  const missing = spec.network.filter((link) => !links.includes(link));
  if (missing.length === 0) return;
  throw new DewproofError('WRONG_DEVICE', `The device's profile has no ${missing.join(', ')}, which this needs.`, {
    details: { missing },
  });
}
