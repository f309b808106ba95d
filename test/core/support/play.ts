import type { Account } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { decideCommand } from '../../../core/ledger/decide.ts';
import type { LedgerChange } from '../../../core/ledger/events.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import { NOW } from './tenant.ts';

/** What a state makes of a command: its changes, none where it is refused. */
export function answer(state: LedgerState, [actor, command]: readonly [Account, LedgerCommand]): LedgerChange[] {
  try {
    return decideCommand(state, { actor, command, now: NOW });
  } catch (error) {
    if (error instanceof DewproofError && error.code !== 'INTERNAL') return [];
    throw error;
  }
}
