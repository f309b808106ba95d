import { z } from 'zod';
import { DewproofError, errorCodes } from '../errors.ts';
import { digestField } from '../fields.ts';
import { envelopeSchema, type Envelope } from '../receipts/envelope.ts';
import { receiptFileSchema } from '../receipts/receipt-file.ts';

/** The most receipts that a device sends at once. */
export const MAX_SENT_RECEIPTS = 64;
/** The most bytes of what it sends. */
export const MAX_SENT_BYTES = 524_288;
/** The most receipts on one page of a list. */
export const MAX_LISTED_RECEIPTS = 100;
/** The most bytes of a page: an envelope of 8 KiB and its proof each. */
export const MAX_LISTED_BYTES = 1_048_576;

/** What a device sends. */
export const sentReceiptsSchema = z.strictObject({ receipts: z.array(envelopeSchema).min(1).max(MAX_SENT_RECEIPTS) });

/** What a dew answers to it. */
export const receiptsAnswerSchema = z.strictObject({
  /** On the dew's disk now, or before. */
  taken: z.array(digestField).max(MAX_SENT_RECEIPTS),
  refused: z.array(z.strictObject({ digest: digestField, code: z.enum(errorCodes) })).max(MAX_SENT_RECEIPTS),
  /** The highest sequence up to which all that the dew has of this device is anchored. */
  anchoredTo: z.int().min(1).nullable(),
});
/** What a dew answers to receipts: a claim, by which a device sends less, and on which nothing else rests. */
export type ReceiptsAnswer = z.output<typeof receiptsAnswerSchema>;

/** A page of a dew's list. */
export const receiptsPageSchema = z.strictObject({
  receipts: z.array(receiptFileSchema).max(MAX_LISTED_RECEIPTS),
  /** Where the next page begins; null at the end. */
  next: z.string().max(256).nullable(),
});
/** A page of receipts; each is verified by whoever reads it. */
export type ReceiptsPage = z.output<typeof receiptsPageSchema>;

/** Reads what a device sends. @throws SCHEMA */
export function parseSentReceipts(value: unknown): readonly Envelope[] {
  return parse(sentReceiptsSchema, value).receipts;
}

/** Reads what a dew answers to it. @throws SCHEMA */
export function parseReceiptsAnswer(value: unknown): ReceiptsAnswer {
  return parse(receiptsAnswerSchema, value);
}

/** Reads a page of a dew's receipts. @throws SCHEMA */
export function parseReceiptsPage(value: unknown): ReceiptsPage {
  return parse(receiptsPageSchema, value);
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new DewproofError('SCHEMA', `These are no receipts of ours${where === '' ? '' : ` (${where})`}.`);
}
