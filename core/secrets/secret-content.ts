import { createHash } from 'node:crypto';
import { bytes32ToDigest, type Digest } from '../digest.ts';
import { DewproofError } from '../errors.ts';

/** The most bytes that a secret's value has in UTF-8. */
export const MAX_SECRET_BYTES = 16_384;

/** Bytes of the salt that hides a value behind its commitment. */
export const SECRET_SALT_BYTES = 32;

const LENGTH_BYTES = 2;
const HEAD_BYTES = SECRET_SALT_BYTES + LENGTH_BYTES;
// A ciphertext shows how long its content is: in steps of this it tells no PIN from a password.
const BLOCK_BYTES = 256;

/** The most bytes that a secret's content has. */
export const MAX_SECRET_CONTENT_BYTES = paddedLength(MAX_SECRET_BYTES);

/** What is sealed: a value and the salt of its commitment, which is a secret too. */
export interface SecretContent {
  readonly salt: Uint8Array;
  readonly value: string;
}

/**
 * A content as bytes: salt, length of the value (2 bytes, big-endian), value in UTF-8, zeros up to a multiple of 256.
 * @throws SCHEMA (empty, too long or no Unicode; the message quotes nothing), TypeError (a salt of another length)
 */
export function encodeSecretContent({ salt, value }: SecretContent): Uint8Array {
  if (salt.length !== SECRET_SALT_BYTES) throw new TypeError(`a salt has ${SECRET_SALT_BYTES} bytes`);
  const bytes = Buffer.from(value);
  if (!value.isWellFormed() || bytes.length === 0 || bytes.length > MAX_SECRET_BYTES) {
    throw new DewproofError('SCHEMA', `A secret's value is text of 1 to ${MAX_SECRET_BYTES} bytes in UTF-8.`);
  }
  const content = Buffer.alloc(paddedLength(bytes.length));
  content.set(salt);
  content.writeUInt16BE(bytes.length, SECRET_SALT_BYTES);
  content.set(bytes, HEAD_BYTES);
  return content;
}

/** Parses what `encodeSecretContent` wrote, and no other form of it. @throws SCHEMA (which quotes nothing of it) */
export function parseSecretContent(content: Uint8Array): SecretContent {
  const view = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const length = view.length > HEAD_BYTES ? view.readUInt16BE(SECRET_SALT_BYTES) : 0;
  const end = HEAD_BYTES + length;
  if (length === 0 || length > MAX_SECRET_BYTES || view.length !== paddedLength(length)) throw malformed();
  if (view.subarray(end).some((byte) => byte !== 0)) throw malformed();
  return { salt: Uint8Array.from(view.subarray(0, SECRET_SALT_BYTES)), value: decode(view.subarray(HEAD_BYTES, end)) };
}

/** The salted SHA-256 of a value: whoever knows it alone can neither guess the value nor open it to another one. */
export function commitmentOf({ salt, value }: SecretContent): Digest {
  const hash = createHash('sha256').update('dewproof/v1/secret-commitment\n').update(salt).update(value, 'utf8');
  return bytes32ToDigest(`0x${hash.digest('hex')}`);
}

function paddedLength(valueBytes: number): number {
  return Math.ceil((HEAD_BYTES + valueBytes) / BLOCK_BYTES) * BLOCK_BYTES;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not as `cause`: nothing that saw a plaintext goes on from here.
    throw malformed();
  }
}

function malformed(): DewproofError {
  return new DewproofError('SCHEMA', 'A sealed copy holds no secret of this version; have the secret set again.');
}
