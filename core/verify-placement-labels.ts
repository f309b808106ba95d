import type { DeviceProfile, VirtualResource } from './document/schema.ts';
import { DewproofError } from './errors.ts';
import { satisfiesLabels } from './labels.ts';

/** Refuses a device whose approved labels are not those that the document asks for. @throws WRONG_DEVICE */
export function verifyPlacementLabels({ spec }: VirtualResource, profile: DeviceProfile | undefined): void {
  const labels = profile?.spec.labels ?? {};
  if (satisfiesLabels(labels, { wanted: spec.placement.labels })) return;
  throw new DewproofError('WRONG_DEVICE', "The device's profile lacks labels that this resource asks for.", {
    details: { wanted: spec.placement.labels },
  });
}
