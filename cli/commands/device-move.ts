import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { parseName, type Name } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof device move`. */
export interface MoveOptions extends GlobalOptions {
  readonly group: Name;
}

/** `dewproof device move`. */
export function addDeviceMove(device: Command): void {
  const command = device
    .command('move')
    .summary('put a device into another group')
    .description("Put a device into another group: it stops the old group's resources and may run the new one's.")
    .argument('<account>', "the device's account", argument(parseAccount))
    .addOption(new Option('--group <name>', 'the new group').argParser(argument(parseName)).makeOptionMandatory())
    .action(async (account: Account, _, self: Command) => {
      const { moveDevice } = await import('../actions/device-move.ts');
      await moveDevice(account, optionsOf<MoveOptions>(self));
    });
  addExamples(command, [
    ['To the barn next door', 'dewproof device move 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --group barn-8'],
  ]);
}
