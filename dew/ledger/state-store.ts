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

/** Opens the state's part of a database. @throws STORE_CORRUPT */
export async function openStateStore(store: Store): Promise<StateStore> {
  const part = sublevelOf(store, 'ledger');
  const record = await guardStore(() => part.get(KEY));
  return {
    loaded: record === undefined ? undefined : parseKnownState(openRecord(record)),
    save: (known) => guardStore(() => part.put(KEY, sealRecord(formatKnownState(known)), DURABLE)),
  };
}
