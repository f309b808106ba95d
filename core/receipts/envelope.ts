import { z } from 'zod';
import { digestOf, type Digest } from '../digest.ts';
import { canonicalBytes } from '../document/canonical.ts';
import { DewproofError } from '../errors.ts';
import { accountField } from '../fields.ts';
import { hasLowS } from '../low-s.ts';
import { MAX_STATEMENT_BYTES } from './statement.ts';

/** The media type of an in-toto statement. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** The most bytes of an envelope in canonical JSON. */
export const MAX_ENVELOPE_BYTES = 8192;

const SIGNATURE_BYTES = 65;

/** Base64 with padding (RFC 4648, section 4) of at most `maxBytes`, in the one form that stands for its bytes. */
const base64Field = (maxBytes: number) =>
  z
    .string()
    .max(Math.ceil(maxBytes / 3) * 4)
    .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'expected base64');

/** A DSSE envelope (DSSE 1.0) with the one signature that a receipt has. */
export const envelopeSchema = z
  .strictObject({
    payload: base64Field(MAX_STATEMENT_BYTES),
    payloadType: z.literal(PAYLOAD_TYPE),
    signatures: z.tuple([z.strictObject({ keyid: accountField, sig: base64Field(SIGNATURE_BYTES) })]),
  })
  .readonly();
export type Envelope = z.output<typeof envelopeSchema>;

/** What is signed: DSSE's pre-authentication encoding, which keeps type and payload apart (DSSE 1.0, protocol.md). */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** Reads an envelope out of parsed JSON; its signature is not looked at. @throws SCHEMA */
export function parseEnvelope(value: unknown): Envelope {
  const parsed = envelopeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DewproofError('SCHEMA', 'This is no envelope of a receipt (DSSE, in-toto, one signature by an account).');
}

/** A receipt's digest: of its whole envelope, signature included, in canonical JSON. */
export function receiptDigestOf(envelope: Envelope): Digest {
  return digestOf(canonicalBytes(envelope));
}

/** The signature (`0x`, 65 bytes), in the one form that a signer's has. @throws PROOF_INVALID */
export function signatureOf({ signatures: [{ sig }] }: Envelope): `0x${string}` {
  const bytes = Buffer.from(sig, 'base64');
  const signature = `0x${bytes.toString('hex')}` as const;
  const isWhole = bytes.length === SIGNATURE_BYTES && [27, 28].includes(bytes[64] ?? 0);
  if (isWhole && hasLowS(signature)) return signature;
  throw new DewproofError('PROOF_INVALID', 'The signature of this receipt is none that an account makes.');
}
