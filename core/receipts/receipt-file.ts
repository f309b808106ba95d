import { z } from 'zod';
import { DewproofError } from '../errors.ts';
import { envelopeSchema } from './envelope.ts';
import { inclusionSchema, verifyInclusion } from './inclusion.ts';
import type { IsSignedBy } from '../signatures.ts';
import { verifyReceipt, type VerifiedReceipt } from './verify-receipt.ts';

/** A receipt as it is handed around: its envelope, and the proof of its batch once that is anchored. */
export const receiptFileSchema = z
  .strictObject({ envelope: envelopeSchema, inclusion: inclusionSchema.optional() })
  .readonly();
export type ReceiptFile = z.output<typeof receiptFileSchema>;

/** Reads a receipt file out of parsed JSON, or a bare envelope. @throws SCHEMA */
export function parseReceiptFile(value: unknown): ReceiptFile {
  const file = receiptFileSchema.safeParse(value);
  if (file.success) return file.data;
  const envelope = envelopeSchema.safeParse(value);
  if (envelope.success) return { envelope: envelope.data };
  throw new DewproofError('SCHEMA', 'This is no receipt; take what `dewproof get receipts -o json` gives.');
}

/** Verifies signature, statement and, where the file has one, the inclusion proof. @throws what verifyReceipt and verifyInclusion do */
export function verifyReceiptFile(
  { envelope, inclusion }: ReceiptFile,
  deps: { readonly isSignedBy: IsSignedBy },
): VerifiedReceipt {
  const verified = verifyReceipt(envelope, deps);
  if (inclusion !== undefined) verifyInclusion(verified.digest, inclusion);
  return verified;
}
