import type { ResourceId } from '../../core/ids.ts';
import type { EdgeStore, StoreChange } from './edge-store.ts';
import type { Memory } from './load-memory.ts';
import type {
  StoredAssigned,
  StoredCommitted,
  StoredHead,
  StoredInUse,
  StoredRollout,
  StoredSeen,
  StoredSplit,
  StoredTime,
} from './stored-records.ts';

/** What a device remembers, in memory and on disk alike. */
export interface DeviceMemory {
  readonly head: StoredHead | undefined;
  /** The anchor that was in use: one that is gone is missed. */
  readonly inUse: StoredInUse | undefined;
  /** A proved split of the chain: nothing newer is believed while it stands. */
  readonly split: StoredSplit | undefined;
  readonly time: StoredTime | undefined;
  readonly assigned: StoredAssigned | undefined;
  readonly seen: ReadonlyMap<ResourceId, StoredSeen>;
  readonly committed: ReadonlyMap<ResourceId, StoredCommitted>;
  readonly rollouts: ReadonlyMap<ResourceId, StoredRollout>;
  /**
   * Makes all changes or none: first on disk (fsync), then here. `plan` says which, once all earlier ones are made:
   * what it finds unneeded is not needed by a change on its way either.
   * @throws DISK_FULL, STORE_CORRUPT, what `plan` does
   */
  remember(plan: () => readonly StoreChange[] | Promise<readonly StoreChange[]>): Promise<void>;
  /** Writes all of it again, over what decayed on disk. @throws DISK_FULL, STORE_CORRUPT */
  rewrite(): Promise<void>;
}

/** Goes on from what the disk held. */
export function createDeviceMemory(loaded: Memory, store: EdgeStore): DeviceMemory {
  let { head, inUse, split, time, assigned } = loaded;
  const seen = new Map(loaded.seen);
  const committed = new Map(loaded.committed);
  const rollouts = new Map(loaded.rollouts);
  let last: Promise<unknown> = Promise.resolve();

  function apply(change: StoreChange): void {
    if (change.kind === 'head') head = change.value;
    else if (change.kind === 'in-use') inUse = change.value;
    else if (change.kind === 'split') split = change.value;
    else if (change.kind === 'time') time = change.value;
    else if (change.kind === 'assigned') assigned = change.value;
    else if (change.kind === 'seen') seen.set(change.resource, change.value);
    else if (change.kind === 'committed') setOrDelete(committed, change);
    else if (change.kind === 'rollout') setOrDelete(rollouts, change);
  }

  function remember(plan: () => readonly StoreChange[] | Promise<readonly StoreChange[]>): Promise<void> {
    const made = last.then(async () => {
      const changes = await plan();
      if (changes.length > 0) await store.write(changes);
      changes.forEach(apply);
    });
    last = made.catch(() => undefined);
    return made;
  }

  return {
    get head() {
      return head;
    },
    get inUse() {
      return inUse;
    },
    get split() {
      return split;
    },
    get time() {
      return time;
    },
    get assigned() {
      return assigned;
    },
    seen,
    committed,
    rollouts,
    remember,
    rewrite: () =>
      remember(() => {
        const changes: StoreChange[] = [
          ...[...seen].map(([resource, value]) => ({ kind: 'seen', resource, value }) as const),
          ...[...committed].map(([resource, value]) => ({ kind: 'committed', resource, value }) as const),
          ...[...rollouts].map(([resource, value]) => ({ kind: 'rollout', resource, value }) as const),
        ];
        if (head !== undefined) changes.push({ kind: 'head', value: head });
        if (inUse !== undefined) changes.push({ kind: 'in-use', value: inUse });
        if (split !== undefined) changes.push({ kind: 'split', value: split });
        if (time !== undefined) changes.push({ kind: 'time', value: time });
        if (assigned !== undefined) changes.push({ kind: 'assigned', value: assigned });
        return changes;
      }),
  };
}

function setOrDelete<Value>(
  map: Map<ResourceId, Value>,
  { resource, value }: { resource: ResourceId; value: Value | undefined },
): void {
  if (value === undefined) map.delete(resource);
  else map.set(resource, value);
}
