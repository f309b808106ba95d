import type { ResourceId } from '../../core/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import { DURABLE, type Sublevel } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { openResourceReadings, type PendingCommit, type ResourceReadings } from './resource-readings.ts';

const COMMIT_EVERY_MS = 1000;
// A burst is written sooner, so that memory holds little of it.
const COMMIT_AT_WAITING = 10_000;
// Expiry goes on where no reading arrives.
const SWEEP_EVERY_MS = 60_000;

/** All readings of a device, written together: a synced batch about every second, and whenever a commit is asked for. */
export interface ReadingsStore {
  /** The readings of one resource; every caller gets the same ones. @throws STORE_CORRUPT */
  open(resource: ResourceId): Promise<ResourceReadings>;
  /** Brings what was appended before this call to the disk; many callers at once share one write. @throws DISK_FULL, STORE_CORRUPT */
  readonly commit: () => Promise<void>;
  close(): Promise<void>;
}

/** What the store stands on; `onCommit` hears of every commit: undefined, or why it failed; it is tried again. */
export interface ReadingsStoreOptions {
  readonly level: Sublevel;
  readonly clock: Clock;
  readonly onCommit: (error: unknown) => void;
  /** Hears of every reading that is taken in. */
  readonly onReading?: () => void;
}

/** Makes the store of readings within `level`, its whole keyspace. */
export function createReadingsStore({ level, clock, onCommit, onReading }: ReadingsStoreOptions): ReadingsStore {
  const opened = new Map<ResourceId, Promise<ResourceReadings>>();
  const dirty = new Set<ResourceReadings>();
  let timer: NodeJS.Timeout | undefined;
  let underway: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let closed = false;

  const sweeper = setInterval(() => {
    for (const one of opened.values()) one.then(markDirty, () => undefined);
  }, SWEEP_EVERY_MS);

  function markDirty(readings: ResourceReadings): void {
    dirty.add(readings);
    // The database is about to close: trying again would keep the process alive for nothing.
    if (closed) return;
    timer ??= setTimeout(commitNow, COMMIT_EVERY_MS);
  }

  function commitNow(): void {
    clearTimeout(timer);
    timer = undefined;
    commit().then(() => {
      onCommit(undefined);
    }, onCommit);
  }

  async function openOne(resource: ResourceId): Promise<ResourceReadings> {
    const onDirty = (waiting: number) => {
      markDirty(readings);
      // Once for each time that so many gathered: a commit that takes its time must not be asked for at every reading.
      if (waiting > 0 && waiting % COMMIT_AT_WAITING === 0) commitNow();
    };
    const readings: ResourceReadings = await guardStore(() =>
      openResourceReadings({ level, resource, clock, onDirty, onReading }),
    );
    return readings;
  }

  /**
   * One commit at a time: a resource's next one must see what the last one settled. Whoever calls while one is under
   * way gets the one after it, together with all others who do.
   */
  function commit(): Promise<void> {
    next ??= underway.then(begin, begin);
    return next;
  }

  function begin(): Promise<void> {
    next = undefined;
    underway = commitDirty();
    return underway;
  }

  async function commitDirty(): Promise<void> {
    const collected = [...dirty];
    const commits: PendingCommit[] = [];
    dirty.clear();
    try {
      for (const readings of collected) commits.push(await guardStore(() => readings.collect()));
      const operations = commits.flatMap((one) => one.operations);
      if (operations.length > 0) await guardStore(() => level.batch(operations, DURABLE));
    } catch (error) {
      for (const one of commits) one.giveBack();
      for (const readings of collected) markDirty(readings);
      throw error;
    }
    for (const one of commits) one.settle();
  }

  return {
    open: (resource) => {
      const known = opened.get(resource) ?? openOne(resource);
      opened.set(resource, known);
      known.catch(() => opened.delete(resource));
      return known;
    },
    commit,
    close: async () => {
      closed = true;
      clearInterval(sweeper);
      clearTimeout(timer);
      timer = undefined;
      await commit();
    },
  };
}
