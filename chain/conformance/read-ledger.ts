import type { EventBatch, LedgerChange, LedgerEvent } from '../../core/ledger/events.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { BlockRef } from '../../core/ledger/records.ts';

/** Every batch after block `after` up to the head. */
export async function readBatchesOf(ledger: Ledger, after?: BlockRef): Promise<readonly EventBatch[]> {
  const batches: EventBatch[] = [];
  const { signal } = new AbortController();
  for await (const batch of ledger.events({ after, follow: false, signal })) batches.push(batch);
  return batches;
}

/** Every event after block `after` up to the head. */
export async function readEventsOf(ledger: Ledger, after?: BlockRef): Promise<readonly LedgerEvent[]> {
  return (await readBatchesOf(ledger, after)).flatMap(({ events }) => events);
}

/** An event without its place, which differs from ledger to ledger. */
export function changeOf(event: LedgerEvent): LedgerChange {
  return Object.fromEntries(Object.entries(event).filter(([field]) => field !== 'at')) as LedgerChange;
}
