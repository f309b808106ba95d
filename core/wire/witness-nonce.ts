import { z } from 'zod';
import type { Bytes32 } from '../digest.ts';
import { DewproofError } from '../errors.ts';
import { bytes32Field } from '../fields.ts';
import { parseJsonBytes } from './json-bytes.ts';

/** Many times what a nonce takes. */
export const MAX_NONCE_BODY_BYTES = 256;

/** What a caller has witnesses sign, so that the answer can't be older than the question. */
export const nonceSchema = z.strictObject({ nonce: bytes32Field });

/** Parses a body that is to hold a nonce. @throws SCHEMA */
export function parseNonce(body: Uint8Array): Bytes32 {
  const parsed = nonceSchema.safeParse(parseJsonBytes(body));
  if (parsed.success) return parsed.data.nonce;
  throw new DewproofError('SCHEMA', 'A nonce is sent as {"nonce":"0x…"}, 32 bytes in lower-case hexadecimal digits.');
}
