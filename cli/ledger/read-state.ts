import type { Ledger } from '../../core/ledger/ledger.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';

/** The tenant's whole state at the ledger's head, rebuilt from its events. @throws LEDGER_UNAVAILABLE, WRONG_CHAIN */
export async function readState(ledger: Ledger): Promise<LedgerState> {
  let state = emptyLedgerState;
  const { signal } = new AbortController();
  for await (const batch of ledger.events({ after: undefined, follow: false, signal })) {
    state = reduceBatch(state, batch);
  }
  return state;
}
