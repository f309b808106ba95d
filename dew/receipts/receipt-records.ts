import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import { accountField, bytes32Field, digestField } from '../../core/fields.ts';
import { envelopeSchema } from '../../core/receipts/envelope.ts';
import { inclusionSchema, MAX_BATCH } from '../../core/receipts/inclusion.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';

/** Which receipt: whose, and its number. */
export interface Place {
  readonly device: Account;
  readonly sequence: number;
}

/** A receipt that a dew keeps; `arrival` is its place among those that wait to be anchored. */
export const receiptRecord = z.strictObject({
  envelope: envelopeSchema,
  resource: bytes32Field,
  arrival: z.int().min(0),
  inclusion: inclusionSchema.optional(),
});
export type ReceiptRecord = z.output<typeof receiptRecord>;

/** Evidence that a device signed two histories. */
export const conflictRecord = z.strictObject({ kept: envelopeSchema, refused: envelopeSchema });

/** A batch on its way to the ledger, in the order of its leaves. */
export const batchRecord = z.strictObject({
  root: bytes32Field,
  receipts: z
    .array(z.strictObject({ device: accountField, sequence: z.int().min(1), digest: digestField }))
    .min(1)
    .max(MAX_BATCH),
});
export type BatchRecord = z.output<typeof batchRecord>;

/** A record as it is stored. */
export function formatRecord(record: unknown): string {
  return sealRecord(JSON.stringify(record));
}

/** Reads a stored record back. @throws STORE_CORRUPT */
export function parseRecord<Schema extends z.ZodType>(schema: Schema, record: string): z.output<Schema> {
  const parsed = schema.safeParse(JSON.parse(openRecord(record)));
  if (parsed.success) return parsed.data;
  throw new DewproofError('STORE_CORRUPT', 'A stored receipt is of another version; it is not used.');
}

// Sequences have at most 16 digits: keys are in their order.
const padded = (sequence: number) => sequence.toString().padStart(16, '0');

/** `<device>/<sequence>`: the end of a receipt's keys, and the cursor of a list. */
export function placeKey({ device, sequence }: Place): string {
  return `${device}/${padded(sequence)}`;
}

/** The place that a key ends in. */
export function placeOf(key: string): Place {
  const [device = '', sequence = ''] = key.split('/').slice(-2);
  return { device: device as Account, sequence: Number(sequence) };
}

/** Tells whether a caller's cursor is one. */
export function isPlaceKey(text: string): boolean {
  return /^0x[0-9a-f]{40}\/[0-9]{16}$/.test(text);
}

/** The keys of a receipt in a dew's database. */
export const keys = {
  receipt: (place: Place) => `receipt/${placeKey(place)}`,
  resource: (resource: ResourceId, place: Place) => `resource/${resource}/${placeKey(place)}`,
  /** Not anchored yet, by device. */
  open: (place: Place) => `open/${placeKey(place)}`,
  anchored: (place: Place) => `anchored/${placeKey(place)}`,
  /** Not anchored yet, in the order of arrival. */
  pending: (arrival: number) => `pending/${padded(arrival)}`,
  floor: (device: Account) => `floor/${device}`,
  conflict: (place: Place, digest: string) => `conflict/${placeKey(place)}/${digest}`,
  batch: 'batch',
} as const;

/** All keys that begin with `prefix`, from behind `after`. */
export function within(prefix: string, after?: string) {
  return { gt: after === undefined ? prefix : `${prefix}${after}`, lt: `${prefix}\uffff` };
}
