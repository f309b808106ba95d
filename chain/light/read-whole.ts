import type { Account } from '../../core/account.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { sliceState } from '../../core/ledger/slice.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import { persist, type Persistence } from './persist.ts';

/** The group of a device that is not enrolled, or serves none: no configuration names it. */
export const NO_GROUP = `0x${'00'.repeat(32)}` as const;

/**
 * Reads the ledger from its beginning to its head, for a device whose group is not known yet or has changed: what a
 * slice left out of another group is nowhere else. `last`, the newest block known so far, must be in what is read.
 * @throws WRONG_CHAIN, EQUIVOCATION, what `signal` aborts with
 */
export async function readWhole(
  ledger: Ledger,
  { account, last, ...persistence }: Persistence & { readonly account: Account; readonly last: BlockRef | undefined },
): Promise<LedgerState> {
  const head = await persist(() => ledger.head(), persistence);
  const target = last && last.height > head.height ? last.height : head.height;
  let state = emptyLedgerState;
  for await (const batch of ledger.events({ after: undefined, follow: true, ...persistence })) {
    state = keepAllGroups(reduceBatch(state, batch), account);
    if (batch.block.height >= target) break;
  }
  persistence.signal.throwIfAborted();
  if (last) await persist(() => verifyContains(ledger, { last, ...persistence }), persistence);
  const group = state.devices.get(account)?.group ?? NO_GROUP;
  return sliceState(state, { account, group });
}

/** All that may yet matter to the device: which group's heads and devices do, its last word on the device says. */
function keepAllGroups(state: LedgerState, account: Account): LedgerState {
  return { ...sliceState(state, { account, group: NO_GROUP }), heads: state.heads, devices: state.devices };
}

async function verifyContains(
  ledger: Ledger,
  { last, signal }: { readonly last: BlockRef; readonly signal: AbortSignal },
): Promise<void> {
  // The port checks `after` before it hands anything out.
  const batches = ledger.events({ after: last, follow: false, signal })[Symbol.asyncIterator]();
  await batches.next();
  await batches.return?.();
}
