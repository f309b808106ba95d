import { z } from 'zod';
import { accountField, signatureField } from '../fields.ts';
import { hasLowS } from '../low-s.ts';
import { anchorSchema } from './anchor.ts';

/** As many as old and new roots together can be. */
const MAX_SIGNATURES = 64;

const lowSignature = signatureField.refine(hasLowS, 'expected a signature whose s is low');

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
