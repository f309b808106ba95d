import { z } from 'zod';
import type { Bytes32 } from '../digest.ts';

/** Many times what a nonce takes. */
export const MAX_NONCE_BODY_BYTES = 256;

/** What a caller has a witness sign, so that the answer can't be older than the question. */
export const nonceSchema = z.strictObject({
  nonce: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hexadecimal digits')
    .transform((value) => value as Bytes32),
});
