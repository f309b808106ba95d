import { z } from 'zod';
import { accountField, signatureField } from '../fields.ts';
import { anchorSchema } from './anchor.ts';

/** As many as old and new roots together can be. */
const MAX_SIGNATURES = 64;

/** SEC 2, section 2.4.1: n/2 of secp256k1, rounded down. */
const HALF_ORDER = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';

/** Of the two forms of each signature anybody can make one from the other; only that with the low s is one. */
const lowSignature = signatureField.refine(
  (text) => text.slice(2 + 64, 2 + 128) <= HALF_ORDER,
  'expected a signature whose s is low',
);

/** An anchor as it travels, with what roots signed of it: nobody's word until `verifyNextAnchor` has taken it. */
export const signedAnchorSchema = z.strictObject({
  apiVersion: z.literal('dewproof/v1'),
  kind: z.literal('SignedAnchor'),
  anchor: anchorSchema,
  signatures: z
    .array(z.strictObject({ account: accountField, signature: lowSignature }))
    .max(MAX_SIGNATURES)
    .refine(
      (all) => new Set(all.map((one) => one.account)).size === all.length,
      'expected one signature of each account',
    ),
});

/** A parsed anchor with signatures. */
export type SignedAnchor = z.output<typeof signedAnchorSchema>;
