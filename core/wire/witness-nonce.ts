import { z } from 'zod';
import { bytes32Field } from '../fields.ts';

/** Many times what a nonce takes. */
export const MAX_NONCE_BODY_BYTES = 256;

/** What a caller has a witness sign, so that the answer can't be older than the question. */
export const nonceSchema = z.strictObject({ nonce: bytes32Field });
