import { z } from 'zod';
import { errorCodes } from '../../core/errors.ts';
import {
  bytes32Field as bytes32,
  digestField as digest,
  nameField as name,
  uint64Field as whole,
} from '../../core/fields.ts';
import { signedOrderSchema } from '../../core/rollout/order.ts';
import { MAX_ASSIGNMENTS } from '../../core/wire/assignment.ts';

/** How many bundles count beside each other at most. */
export const MAX_KEPT = 16;

/**
 * The newest bundle that was accepted, and its block: nothing older is believed any more. `kept` are older ones, the
 * newest first, for what newer ones leave out.
 */
export const headSchema = z.strictObject({
  bundle: digest,
  block: z.strictObject({ height: whole, hash: bytes32, time: whole }),
  kept: z
    .array(digest)
    .max(MAX_KEPT - 1)
    .default([]),
  /** Of the newest anchor under which it counted: by which it was accepted, or that left it standing. */
  anchorVersion: z.int().positive().optional(),
});
export type StoredHead = z.output<typeof headSchema>;

/** Which anchor was in use when anything was last believed or let go, and to which file of the home it belongs. */
export const inUseSchema = z.strictObject({ version: z.int().positive(), digest, home: digest });
export type StoredInUse = z.output<typeof inUseSchema>;

/** Two blocks of one height for which a quorum vouched, the bundles that prove it, and the anchor that named the quorum. */
export const splitSchema = z.strictObject({
  height: whole,
  hashes: z.tuple([bytes32, bytes32]),
  bundles: z.tuple([digest, digest]),
  anchorVersion: z.int().positive(),
});
export type StoredSplit = z.output<typeof splitSchema>;

/** The time that the device had reached at least, in Unix seconds. */
export const timeSchema = z.strictObject({ reached: whole });
export type StoredTime = z.output<typeof timeSchema>;

/** The newest version of a resource that this device let start. */
export const seenSchema = z.strictObject({ version: whole, digest });
export type StoredSeen = z.output<typeof seenSchema>;

/**
 * The version of a resource that started and was healthy, and the bundle that proves it was approved: it is the last
 * known good one for as long as newer ones fail.
 */
export const committedSchema = z.strictObject({
  tenant: name,
  name,
  version: whole,
  digest,
  profile: digest.nullable(),
  bundle: digest,
});
export type StoredCommitted = z.output<typeof committedSchema>;

/**
 * The newest rollout order that was accepted for a resource, and how it fared here: an older order counts no more.
 * `fallback` is there while the device is on probation: what it had committed before the order's new version.
 */
export const rolloutSchema = z.strictObject({
  signed: signedOrderSchema,
  fallback: committedSchema.nullable(),
  /** Why it went back. */
  returned: z
    .strictObject({ reason: z.enum(['failed', 'aborted', 'threshold']), code: z.enum(errorCodes).nullable() })
    .nullable(),
  /** So many canaries proved that they failed as this very order allows. */
  halted: z.boolean(),
});
export type StoredRollout = z.output<typeof rolloutSchema>;

/** What the dew asked to run, last time it answered. */
export const assignedSchema = z.strictObject({
  resources: z.array(z.strictObject({ tenant: name, name })).max(MAX_ASSIGNMENTS),
});
export type StoredAssigned = z.output<typeof assignedSchema>;

/** JSON text of a record, its whole numbers as text. */
export function formatRecord(
  record:
    StoredHead | StoredInUse | StoredSeen | StoredCommitted | StoredAssigned | StoredRollout | StoredSplit | StoredTime,
): string {
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
