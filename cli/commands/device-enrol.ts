import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { parseName, type Name } from '../../core/ids.ts';
import { deviceKinds, type DeviceKind } from '../../core/ledger/records.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

export interface EnrolOptions extends GlobalOptions {
  readonly kind: DeviceKind;
  readonly group: Name;
  readonly profile?: string;
}

/** `dewproof device enrol`. */
export function addDeviceEnrol(device: Command): void {
  const command = device
    .command('enrol')
    .summary('make a device or server part of the tenant')
    .description(
      `Make a device or server part of the tenant, in a group, with an approved profile (its labels, capacity and the
addresses of its sensors). The profile gets a version and a salt, is kept in the home and handed to the dews; the
ledger holds its digest. Repeating it changes nothing.`,
    )
    .argument('<account>', "the device's account, as `dewproof init` printed it there", argument(parseAccount))
    .addOption(new Option('--kind <kind>', 'what it is').choices(deviceKinds).default('edge'))
    .addOption(
      new Option('--group <name>', 'the group that it belongs to').argParser(argument(parseName)).makeOptionMandatory(),
    )
    .option('--profile <file>', 'its DeviceProfile')
    .action(async (account: Account, _, self: Command) => {
      const { enrolDevice } = await import('../actions/device-enrol.ts');
      await enrolDevice(account, optionsOf<EnrolOptions>(self));
    });
  addExamples(command, [
    [
      'An edge with its profile',
      'dewproof device enrol 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --group barn-7 --profile profile-edge.yaml',
    ],
    [
      'The dew that serves it',
      'dewproof device enrol 0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc --kind dew --group barn-7',
    ],
  ]);
}
