import { join } from 'node:path';
import type { HostLink } from './host-link.ts';
import { namesIn } from './sysfs.ts';

/** IEEE 802.15.4 radios: what speaks over one, Zigbee or Thread, is the affair of whoever drives it. */
export async function readRadioLinks({ sysFolder }: { readonly sysFolder: string }): Promise<readonly HostLink[]> {
  const radios = await namesIn(join(sysFolder, 'class', 'ieee802154'));
  return radios.flatMap((name) => [
    { kind: 'zigbee', name, isUp: true },
    { kind: 'thread', name, isUp: true },
  ]);
}
