import { createCipheriv, createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import { DewproofError } from '../../core/errors.ts';
import type { PublicKey } from '../../core/secrets/secret-vault.ts';
import { MAX_ENVELOPE_BYTES } from '../../core/wire/secrets.ts';

const CURVE = 'secp256k1';
const VERSION = 1;
const POINT_BYTES = 33;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + POINT_BYTES;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const SALT = 'dewproof/v1/secret-envelope';

/** Content, and what it is bound to: it opens only where `context` is the same again. */
export interface EnvelopeContent {
  readonly content: Uint8Array;
  readonly context: Uint8Array;
}

/**
 * Seals content to a public key (ECIES: ephemeral ECDH on secp256k1, HKDF-SHA256, AES-256-GCM): version (1 byte),
 * ephemeral key (33), ciphertext, tag (16). @throws SCHEMA (a key that is no point of the curve)
 */
export function sealEnvelope(publicKey: PublicKey, { content, context }: EnvelopeContent): Uint8Array {
  const recipient = Buffer.from(publicKey.slice(2), 'hex');
  const ephemeral = createECDH(CURVE);
  ephemeral.generateKeys();
  const point = ephemeral.getPublicKey(null, 'compressed');
  const { key, nonce } = deriveKeys(
    agree(() => ephemeral.computeSecret(recipient)),
    { point, recipient },
  );
  const head = Buffer.concat([Buffer.of(VERSION), point]);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([head, context]));
  return Buffer.concat([head, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what `sealEnvelope` made for the holder of `privateKey` (32 bytes).
 * @throws SCHEMA (no envelope of this version), DIGEST_MISMATCH (altered, or of another recipient or context)
 */
export function openEnvelope(
  privateKey: Uint8Array,
  { envelope, context }: { readonly envelope: Uint8Array; readonly context: Uint8Array },
): Uint8Array {
  if (envelope.length <= HEAD_BYTES + TAG_BYTES || envelope.length > MAX_ENVELOPE_BYTES || envelope[0] !== VERSION) {
    throw new DewproofError('SCHEMA', 'This is no envelope of this version; have the secret set again.');
  }
  const point = envelope.subarray(1, HEAD_BYTES);
  const own = createECDH(CURVE);
  own.setPrivateKey(privateKey);
  const recipient = own.getPublicKey(null, 'compressed');
  const { key, nonce } = deriveKeys(
    agree(() => own.computeSecret(point)),
    { point, recipient },
  );
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([envelope.subarray(0, HEAD_BYTES), context]));
  decipher.setAuthTag(envelope.subarray(-TAG_BYTES));
  const content = decipher.update(envelope.subarray(HEAD_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([content, decipher.final()]);
  } catch {
    // Not as `cause`: what was decrypted of an altered envelope is nobody's business.
    throw new DewproofError('DIGEST_MISMATCH', 'A sealed copy was altered, or is of another device or secret.');
  }
}

/** Both points go in, since a point and its mirror image agree on the same secret (ECDH takes x alone). */
function deriveKeys(secret: Uint8Array, { point, recipient }: { point: Uint8Array; recipient: Uint8Array }) {
  const bytes = Buffer.from(
    hkdfSync('sha256', secret, SALT, Buffer.concat([point, recipient]), KEY_BYTES + NONCE_BYTES),
  );
  // The nonce may come of the key's own agreement: an ephemeral key seals once.
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) };
}

function agree(computeSecret: () => Buffer): Buffer {
  try {
    return computeSecret();
  } catch {
    throw new DewproofError('SCHEMA', 'A public key is no point of secp256k1; have the device tell its key again.');
  }
}
