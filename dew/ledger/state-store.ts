import type { LedgerIdentity } from '../../core/ledger/records.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { DURABLE, sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { formatKnownState, parseKnownState, type KnownState } from './state-json.ts';

/** Where a dew keeps what it knows of its ledger. */
export interface StateStore {
  /** What was there when it was opened. */
  readonly loaded: KnownState | undefined;
  /** On disk (fsync) when it returns. @throws DISK_FULL, STORE_CORRUPT */
  save(known: KnownState): Promise<void>;
}

const KEY = 'state';

/** Tells whether the tenant's anchor names another registry; of another chain, the node is more likely the wrong one. */
export function hasMoved(from: LedgerIdentity, to: Pick<Anchor, 'chain' | 'genesis' | 'registry'>): boolean {
  return from.chain === to.chain && from.genesis === to.genesis && from.registry !== to.registry.toLowerCase();
}

/**
 * Opens the state's part of a database. A state of another registry than `anchor` names, on the same chain, is left out:
 * the tenant moved, and its state is read anew. @throws STORE_CORRUPT
 */
export async function openStateStore(
  store: Store,
  { anchor }: { readonly anchor: Pick<Anchor, 'chain' | 'genesis' | 'registry'> },
): Promise<StateStore> {
  const part = sublevelOf(store, 'ledger');
  const record = await guardStore(() => part.get(KEY));
  const known = record === undefined ? undefined : parseKnownState(openRecord(record));
  return {
    loaded: known && !hasMoved(known.identity, anchor) ? known : undefined,
    save: (known) => guardStore(() => part.put(KEY, sealRecord(formatKnownState(known)), DURABLE)),
  };
}
