import type { Digest } from '../../core/digest.ts';
import type { ResourceId } from '../../core/ids.ts';
import { createTurns } from '../../platform/create-turns.ts';
import { sealRecord } from '../../platform/store/checked-record.ts';
import { sublevelOf, type Store, type Sublevel } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { createBundleShelf } from './bundle-shelf.ts';
import {
  formatRecord,
  type StoredAssigned,
  type StoredCommitted,
  type StoredHead,
  type StoredInUse,
  type StoredRollout,
  type StoredSeen,
  type StoredSplit,
  type StoredTime,
} from './stored-records.ts';

/** Bytes that carry their own proof: sealed bundles, and contents (documents, profiles, artifacts) by digest. */
export type BytesKind = 'bundles' | 'contents';

/** One change of what a device remembers; an undefined `value` deletes. */
export type StoreChange =
  | { readonly kind: 'head'; readonly value: StoredHead | undefined }
  | { readonly kind: 'in-use'; readonly value: StoredInUse }
  | { readonly kind: 'split'; readonly value: StoredSplit | undefined }
  | { readonly kind: 'time'; readonly value: StoredTime }
  | { readonly kind: 'assigned'; readonly value: StoredAssigned }
  | { readonly kind: 'seen'; readonly resource: ResourceId; readonly value: StoredSeen }
  | { readonly kind: 'committed'; readonly resource: ResourceId; readonly value: StoredCommitted | undefined }
  | { readonly kind: 'rollout'; readonly resource: ResourceId; readonly value: StoredRollout | undefined }
  | {
      readonly kind: 'bytes';
      readonly in: BytesKind;
      readonly digest: Digest;
      readonly value: Uint8Array | undefined;
    };

/** What a device remembers across power cuts. What is read back is as hostile as the network: the reader verifies it. */
export interface EdgeStore {
  /** All records by key, still sealed. */
  records(): Promise<readonly (readonly [string, string])[]>;
  bytes(of: { readonly in: BytesKind; readonly digest: Digest }): Promise<Uint8Array | undefined>;
  digests(kind: BytesKind): Promise<readonly Digest[]>;
  /** Makes all changes or none; they are on disk (fsync) when it returns. @throws DISK_FULL, STORE_CORRUPT */
  write(changes: readonly StoreChange[]): Promise<void>;
  readonly readings: Sublevel;
  readonly keyValues: Sublevel;
}

/** The device's part of a database. */
export function createEdgeStore(store: Store): EdgeStore {
  const records = sublevelOf(store, 'records');
  const contents = store.sublevel<string, Uint8Array>('contents', { valueEncoding: 'view' });
  const bundles = createBundleShelf(store);
  // A bundle may be in two places: nobody looks into one of them before a change and into the other after it.
  const inTurn = createTurns();

  const operationOf = (change: Exclude<StoreChange, BundleBytes>) => {
    if (change.kind === 'bytes') {
      const place = { sublevel: contents, key: change.digest, valueEncoding: 'view' };
      if (change.value === undefined) return { type: 'del' as const, ...place };
      return { type: 'put' as const, ...place, value: change.value };
    }
    const place = { sublevel: records, key: keyOf(change) };
    if (change.value === undefined) return { type: 'del' as const, ...place };
    return { type: 'put' as const, ...place, value: sealRecord(formatRecord(change.value)) };
  };

  async function write(changes: readonly StoreChange[]): Promise<void> {
    const { operations, onWritten } = await bundles.plan(changes.filter(isBundle));
    const others = changes.filter((change) => !isBundle(change)).map(operationOf);
    await store.batch<string, string | Uint8Array>([...operations, ...others], { sync: true });
    onWritten();
  }

  return {
    records: () => guardStore(() => records.iterator().all()),
    bytes: ({ in: kind, digest }) =>
      guardStore(() => (kind === 'bundles' ? inTurn(() => bundles.read(digest)) : contents.get(digest))),
    digests: (kind) =>
      guardStore(() =>
        kind === 'bundles' ? inTurn(() => bundles.digests()) : (contents.keys().all() as Promise<Digest[]>),
      ),
    write: (changes) => guardStore(() => inTurn(() => write(changes))),
    readings: sublevelOf(store, 'readings'),
    keyValues: sublevelOf(store, 'key-values'),
  };
}

type BundleBytes = Extract<StoreChange, { kind: 'bytes' }> & { readonly in: 'bundles' };

function isBundle(change: StoreChange): change is BundleBytes {
  return change.kind === 'bytes' && change.in === 'bundles';
}

function keyOf(change: Exclude<StoreChange, { kind: 'bytes' }>): string {
  return 'resource' in change ? `${change.kind}/${change.resource}` : change.kind;
}
