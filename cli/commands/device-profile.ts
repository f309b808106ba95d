import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

export interface ProfileOptions extends GlobalOptions {
  readonly profile: string;
}

/** `dewproof device profile`. */
export function addDeviceProfile(device: Command): void {
  const command = device
    .command('profile')
    .summary("change a device's profile")
    .description("Give a device another profile: other labels, another capacity, other sensors' addresses.")
    .argument('<account>', "the device's account", argument(parseAccount))
    .addOption(new Option('--profile <file>', 'its new DeviceProfile').makeOptionMandatory())
    .action(async (account: Account, _, self: Command) => {
      const { changeProfile } = await import('../actions/device-profile.ts');
      await changeProfile(account, optionsOf<ProfileOptions>(self));
    });
  addExamples(command, [
    [
      'A sensor was moved',
      'dewproof device profile 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --profile profile-edge.yaml',
    ],
  ]);
}
