import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

export interface VerifyOptions extends GlobalOptions {
  readonly device?: Account;
}

/** `dewproof verify`: a document against the ledger. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('hold a document against the ledger')
    .description(
      `Hold a document against the ledger, as a device does before it starts it, and print the verdict with its code.
A file is taken as the canonical document itself; a name is looked up on the ledger and fetched from the dew by its
digest. Exit code 77 where it is refused.`,
    )
    .argument('<file|name>', 'a sealed document, or the name of a resource')
    .addOption(
      new Option('--device <account>', 'verify as this device would: its group, standing and profile').argParser(
        argument(parseAccount),
      ),
    )
    .action(async (target: string, _, self: Command) => {
      const { verifyDocument } = await import('../actions/verify.ts');
      await verifyDocument(target, optionsOf<VerifyOptions>(self));
    });
  addExamples(command, [
    ['Is this file what was approved?', 'dewproof verify barn-climate.json'],
    ['Does the dew hand out what was approved?', 'dewproof verify barn-climate'],
    ['Would this device start it?', 'dewproof verify barn-climate --device 0x70997970c51812dc3a010c7d01b50e0d17dc79c8'],
  ]);
}
