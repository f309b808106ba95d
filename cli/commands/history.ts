import type { Command } from 'commander';
import { parseAccount } from '../../core/account.ts';
import { parseName } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

const parseSubject = (text: string) => (text.startsWith('0x') ? parseAccount(text) : parseName(text));

/** `dewproof history`: everything that the ledger recorded of one resource or account. */
export function addHistory(program: Command): void {
  const command = program
    .command('history')
    .summary('show everything that was recorded of a resource or an account')
    .description(
      `Show every event that the ledger recorded of a resource or an account, the oldest first: when, in which block
and transaction, what, and who where the event names its author. Between them stand the receipts of devices, which
say where a version really started, stopped or was refused, and which block anchors that: the home's dews are asked for
them, with the home's key. The ledger's part needs no key, and stands alone where no dew answers.`,
    )
    .argument('<name|account>', 'name of a resource, or an account', argument(parseSubject))
    .action(async (subject: string, _, self: Command) => {
      const { history } = await import('../actions/history.ts');
      await history(subject, optionsOf<GlobalOptions>(self));
    });
  addExamples(command, [
    ['Who proposed, who approved, and which devices ran it', 'dewproof history barn-climate'],
    ['What became of a device', 'dewproof history 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 -o json'],
  ]);
}
