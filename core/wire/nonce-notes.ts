import { z } from 'zod';
import type { Bytes32 } from '../digest.ts';
import { DewproofError } from '../errors.ts';
import { bytes32Field } from '../fields.ts';
import { MAX_BATCH_NONCES } from '../witness/batch-nonce.ts';
import { parseJsonBytes } from './json-bytes.ts';

/** Twice what a witness's note on a nonce takes with the longest names. */
export const MAX_NONCE_NOTE_BYTES = 1024;

/** As many as an anchor has witnesses at most. */
export const MAX_NONCE_NOTES = 64;

/** Holds all of that, also where each character of a note is escaped. */
export const MAX_NONCE_NOTES_BYTES = 524_288;

/** What a dew has of witnesses for those who asked it in one moment: the nonces of all of them, and notes on `batchNonce` of these. */
export const nonceNotesSchema = z.strictObject({
  nonces: z.array(bytes32Field).min(1).max(MAX_BATCH_NONCES),
  notes: z
    .array(z.strictObject({ witness: z.string().max(63), note: z.string().max(MAX_NONCE_NOTE_BYTES) }))
    .max(MAX_NONCE_NOTES),
});
export type NonceNotes = Readonly<z.output<typeof nonceNotesSchema>>;

/**
 * Parses what a dew answered to whoever asked with `nonce`; who signed is not looked at.
 * @throws SCHEMA, PROOF_INVALID (it is about others' nonces)
 */
export function parseNonceNotes(bytes: Uint8Array, { nonce }: { readonly nonce: Bytes32 }): NonceNotes {
  const parsed = nonceNotesSchema.safeParse(parseJsonBytes(bytes));
  if (!parsed.success) throw new DewproofError('SCHEMA', 'A dew answered with something that is no notes on nonces.');
  if (parsed.data.nonces.includes(nonce)) return parsed.data;
  throw new DewproofError(
    'PROOF_INVALID',
    'A dew answered with notes on nonces of others, which tell nothing of the time now; ask another dew.',
  );
}
