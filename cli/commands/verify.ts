import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

export interface VerifyOptions extends GlobalOptions {
  readonly device?: Account;
  readonly receipt?: string;
  readonly offline?: boolean;
}

/** `dewproof verify`: a document or a receipt against the ledger. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('hold a document or a receipt against the ledger')
    .description(
      `Hold a document against the ledger, as a device does before it starts it, and print the verdict with its code.
A file is taken as the canonical document itself; a name is looked up on the ledger, and the document and the script
that it names are fetched from a dew by their digests. Exit code 77 where it is refused.

With --receipt, verify a device's receipt (or a list of them): its signature, its form, the proof that it is in an
anchored batch where it carries one, and against the ledger, where that is in reach, that the batch is anchored, that its
signer is or was a device, and that what it started was approved. What could not be checked is said.`,
    )
    .argument('[file|name]', 'a sealed document, or the name of a resource')
    .option('--receipt <file>', 'a receipt, as `get receipts -o json` gives it; - for stdin')
    .option('--offline', 'with --receipt: do not ask the ledger')
    .addOption(
      new Option('--device <account>', 'verify as this device would: its group, standing and profile').argParser(
        argument(parseAccount),
      ),
    )
    .action(async (target: string | undefined, _, self: Command) => {
      const options = optionsOf<VerifyOptions>(self);
      verifyOptions(target, options);
      if (options.receipt !== undefined) {
        const { verifyReceipts } = await import('../actions/verify-receipt.ts');
        await verifyReceipts(options.receipt, options);
      } else if (target !== undefined) {
        const { verifyDocument } = await import('../actions/verify.ts');
        await verifyDocument(target, options);
      }
    });
  addExamples(command, [
    ['Is this file what was approved?', 'dewproof verify barn-climate.json'],
    ['Does the dew hand out what was approved?', 'dewproof verify barn-climate'],
    ['Is this what the device signed, and when at the latest?', 'dewproof verify --receipt receipt.json'],
    ['Do all receipts hold?', 'dewproof get receipts -o json | dewproof verify --receipt -'],
    ['Would this device start it?', 'dewproof verify barn-climate --device 0x70997970c51812dc3a010c7d01b50e0d17dc79c8'],
  ]);
}

/** One thing to verify, and options that go with it. @throws USAGE */
function verifyOptions(target: string | undefined, { receipt, device, offline }: VerifyOptions): void {
  if ((target === undefined) === (receipt === undefined)) {
    throw new DewproofError('USAGE', 'Name a document or resource, or a receipt with --receipt: one of them.');
  }
  if (receipt !== undefined && device !== undefined) {
    throw new DewproofError('USAGE', 'A receipt names its own device; leave out --device.');
  }
  if (offline === true && receipt === undefined) {
    throw new DewproofError('USAGE', 'Only a receipt can be verified with --offline.');
  }
}
