import type { Command } from 'commander';
import { addDeviceEnrol } from './device-enrol.ts';
import { addDeviceMove } from './device-move.ts';
import { addDeviceProfile } from './device-profile.ts';
import { addDeviceStatus } from './device-status.ts';

/** `dewproof device`: who belongs to the tenant. */
export function addDevice(program: Command): void {
  const device = program
    .command('device')
    .summary('enrol devices and change their standing')
    .description('Enrol devices and servers on the ledger and change their standing, group and profile.');
  addDeviceEnrol(device);
  addDeviceStatus(device);
  addDeviceMove(device);
  addDeviceProfile(device);
}
