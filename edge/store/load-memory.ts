import type { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import { openRecord } from '../../platform/store/checked-record.ts';
import { unreadableSplit } from '../state/split.ts';
import type { EdgeStore } from './edge-store.ts';
import {
  assignedSchema,
  committedSchema,
  headSchema,
  inUseSchema,
  rolloutSchema,
  seenSchema,
  splitSchema,
  timeSchema,
  type StoredAssigned,
  type StoredCommitted,
  type StoredHead,
  type StoredInUse,
  type StoredRollout,
  type StoredSeen,
  type StoredSplit,
  type StoredTime,
} from './stored-records.ts';

/** A device's records as the disk holds them; `damaged` names those that did not read back as they were written. */
export interface Memory {
  readonly head: StoredHead | undefined;
  readonly inUse: StoredInUse | undefined;
  readonly split: StoredSplit | undefined;
  readonly time: StoredTime | undefined;
  readonly assigned: StoredAssigned | undefined;
  readonly seen: Map<ResourceId, StoredSeen>;
  readonly committed: Map<ResourceId, StoredCommitted>;
  readonly rollouts: Map<ResourceId, StoredRollout>;
  readonly damaged: readonly { readonly key: string; readonly error: DewproofError }[];
}

const schemas = {
  head: headSchema,
  inUse: inUseSchema,
  split: splitSchema,
  time: timeSchema,
  assigned: assignedSchema,
  seen: seenSchema,
  committed: committedSchema,
  rollout: rolloutSchema,
};

/**
 * Reads all records back; a damaged one is left out and named, the others count, and what was committed makes good what
 * it can. @throws STORE_CORRUPT (the database itself)
 */
export async function loadMemory(store: EdgeStore): Promise<Memory> {
  let head: StoredHead | undefined;
  let inUse: StoredInUse | undefined;
  let split: StoredSplit | undefined;
  let time: StoredTime | undefined;
  let assigned: StoredAssigned | undefined;
  const seen = new Map<ResourceId, StoredSeen>();
  const committed = new Map<ResourceId, StoredCommitted>();
  const rollouts = new Map<ResourceId, StoredRollout>();
  const damaged: { key: string; error: DewproofError }[] = [];
  for (const [key, record] of await store.records()) {
    const resource = key.slice(key.indexOf('/') + 1) as ResourceId;
    try {
      if (key === 'head') head = parseRecord(record, schemas.head);
      else if (key === 'in-use') inUse = parseRecord(record, schemas.inUse);
      else if (key === 'split') split = parseRecord(record, schemas.split);
      else if (key === 'time') time = parseRecord(record, schemas.time);
      else if (key === 'assigned') assigned = parseRecord(record, schemas.assigned);
      else if (key.startsWith('seen/')) seen.set(resource, parseRecord(record, schemas.seen));
      else if (key.startsWith('committed/')) committed.set(resource, parseRecord(record, schemas.committed));
      else if (key.startsWith('rollout/')) rollouts.set(resource, parseRecord(record, schemas.rollout));
    } catch (error) {
      damaged.push({ key, error: damageOf(error) });
      // That there was one is all that must be known: whoever can damage the record must not lift the freeze.
      if (key === 'split') split = unreadableSplit;
    }
  }
  raiseSeen(seen, committed);
  return { head, inUse, split, time, assigned: assigned ?? assignedOf(committed), seen, committed, rollouts, damaged };
}

/** What was committed was seen: a record that decayed, or that was put back, makes no older version acceptable again. */
function raiseSeen(seen: Map<ResourceId, StoredSeen>, committed: ReadonlyMap<ResourceId, StoredCommitted>): void {
  for (const [resource, { version, digest }] of committed) {
    const known = seen.get(resource);
    if (known === undefined || known.version < version) seen.set(resource, { version, digest });
  }
}

/** What was committed had been assigned: with no dew in reach it runs again, though the disk lost the list. */
function assignedOf(committed: ReadonlyMap<ResourceId, StoredCommitted>): StoredAssigned | undefined {
  if (committed.size === 0) return undefined;
  return { resources: [...committed.values()].map(({ tenant, name }) => ({ tenant, name })) };
}

function parseRecord<Schema extends z.ZodType>(record: string, schema: Schema): z.output<Schema> {
  return schema.parse(JSON.parse(openRecord(record)));
}

function damageOf(error: unknown): DewproofError {
  if (error instanceof DewproofError && error.code === 'STORE_CORRUPT') return error;
  return new DewproofError('STORE_CORRUPT', 'A stored record has another form than was written: it is not used.', {
    cause: error,
  });
}
