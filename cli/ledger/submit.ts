import type { LedgerCommand } from '../../core/ledger/commands.ts';
import type { Ledger, Submitted } from '../../core/ledger/ledger.ts';
import { progress } from '../output/messages.ts';

/** Has the ledger take up a command and waits for its block. @throws what `Ledger.submit` throws */
export async function submit(ledger: Ledger, command: LedgerCommand): Promise<Submitted> {
  progress(`waiting for a block with the transaction (${command.type})`);
  return ledger.submit(command);
}
