import { z } from 'zod';
import { DewproofError } from '../errors.ts';
import { MAX_ANCHORS } from '../state/plan-anchors.ts';
import { signedAnchorSchema, type SignedAnchor } from '../state/signed-anchor.ts';
import { parseJsonBytes } from './json-bytes.ts';

/** The most bytes that signed anchors are served or read in. */
export const MAX_ANCHORS_BYTES = 1_048_576;

/** What `GET /v1/anchors` answers: signed anchors, ascending by version. */
export const anchorsAnswerSchema = z.strictObject({ anchors: z.array(signedAnchorSchema).max(MAX_ANCHORS) });

const offerSchema = z.union([
  signedAnchorSchema.transform((one) => ({ anchors: [one] })),
  z.strictObject({ anchors: z.array(z.unknown()).max(MAX_ANCHORS) }).pipe(anchorsAnswerSchema),
]);

/** Parses what a server answered or a file holds: signed anchors, or one alone. @throws SCHEMA, ENDLESS_DATA */
export function parseAnchors(bytes: Uint8Array): readonly SignedAnchor[] {
  if (bytes.length > MAX_ANCHORS_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `Anchors have at most ${MAX_ANCHORS_BYTES} bytes; ask another source.`);
  }
  const parsed = offerSchema.safeParse(parseJsonBytes(bytes));
  if (parsed.success) return parsed.data.anchors;
  throw new DewproofError('SCHEMA', 'This is no signed anchor, nor a list of them; get it anew.', {
    cause: parsed.error,
  });
}
