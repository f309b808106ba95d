import { join } from 'node:path';
import type { HostLink } from './host-link.ts';
import { namesIn, readAttribute } from './sysfs.ts';

// Documentation/ABI/stable/sysfs-class-rfkill
const RFKILL_UNBLOCKED = '1';

/** Bluetooth adapters; whether one is powered, BlueZ alone knows, but not whether a switch blocks its radio. */
export async function readBluetoothLinks({ sysFolder }: { readonly sysFolder: string }): Promise<readonly HostLink[]> {
  const folder = join(sysFolder, 'class', 'bluetooth');
  // Connections stand beside adapters: hci0:64.
  const adapters = (await namesIn(folder)).filter((name) => /^hci[0-9]+$/.test(name));
  return Promise.all(
    adapters.map(async (name) => ({ kind: 'ble' as const, name, isUp: await isUnblocked(join(folder, name)) })),
  );
}

async function isUnblocked(folder: string): Promise<boolean> {
  const switches = (await namesIn(folder)).filter((name) => name.startsWith('rfkill'));
  const states = await Promise.all(switches.map((name) => readAttribute(join(folder, name, 'state'))));
  return states.every((state) => state === RFKILL_UNBLOCKED);
}
