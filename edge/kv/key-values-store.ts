import type { ResourceId } from '../../core/ids.ts';
import { DURABLE, type Sublevel } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import type { KeyValueStore } from '../reach/reach.ts';
import { loadKeyValues } from './load-key-values.ts';
import { createResourceKeyValues, type ResourceKeyValues } from './resource-key-values.ts';

const COMMIT_EVERY_MS = 1000;

/** The keys and values of all resources of a device. */
export interface KeyValuesStore {
  /** Those of one resource; every caller gets the same ones, so that they outlive its versions. @throws STORE_CORRUPT */
  open(resource: ResourceId): Promise<KeyValueStore>;
  /** Brings what was put before this call to the disk. @throws DISK_FULL, STORE_CORRUPT */
  commit(): Promise<void>;
  /** Values that had decayed on the disk when they were loaded, by resource; they read as if they were not there. */
  corrupt(resource: ResourceId): number;
  close(): Promise<void>;
}

/** What the store stands on; `onCommit` hears of every commit: undefined, or why it failed; it is tried again. */
export interface KeyValuesStoreOptions {
  readonly level: Sublevel;
  readonly onCommit: (error: unknown) => void;
}

/** Makes the store within `level`, its whole keyspace; writes go to the disk together, about every second. */
export function createKeyValuesStore({ level, onCommit }: KeyValuesStoreOptions): KeyValuesStore {
  const opened = new Map<ResourceId, Promise<ResourceKeyValues>>();
  const corrupt = new Map<ResourceId, number>();
  const dirty = new Set<ResourceKeyValues>();
  let timer: NodeJS.Timeout | undefined;
  let underway: Promise<void> = Promise.resolve();
  let isClosed = false;

  function markDirty(values: ResourceKeyValues): void {
    dirty.add(values);
    // The database is about to close: trying again would keep the process alive for nothing.
    if (isClosed) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      commit().then(() => {
        onCommit(undefined);
      }, onCommit);
    }, COMMIT_EVERY_MS);
  }

  async function openOne(resource: ResourceId): Promise<ResourceKeyValues> {
    const loaded = await guardStore(() => loadKeyValues(level, resource));
    corrupt.set(resource, loaded.corrupt);
    const values: ResourceKeyValues = createResourceKeyValues({
      resource,
      values: loaded.values,
      onDirty: () => {
        markDirty(values);
      },
    });
    return values;
  }

  /** One commit at a time, so that an older value never overtakes a newer one. */
  function commit(): Promise<void> {
    underway = underway.then(commitDirty, commitDirty);
    return underway;
  }

  async function commitDirty(): Promise<void> {
    const collected = [...dirty].map((values) => ({ values, ...values.takeChanges() }));
    dirty.clear();
    const operations = collected.flatMap((one) => one.operations);
    if (operations.length === 0) return;
    try {
      await guardStore(() => level.batch([...operations], DURABLE));
    } catch (error) {
      for (const { values, giveBack } of collected) {
        giveBack();
        markDirty(values);
      }
      throw error;
    }
  }

  return {
    open: async (resource) => {
      const known = opened.get(resource) ?? openOne(resource);
      opened.set(resource, known);
      known.catch(() => opened.delete(resource));
      return (await known).store;
    },
    commit,
    corrupt: (resource) => corrupt.get(resource) ?? 0,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      timer = undefined;
      await commit();
    },
  };
}
