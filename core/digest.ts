import { createHash } from 'node:crypto';
import { DewproofError } from './errors.ts';

/** A SHA-256 digest written `sha256:<64 lower-case hex>`. */
export type Digest = `sha256:${string}`;

/** A digest's text form, for schemas that print it. */
export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

/** Digests `bytes` with SHA-256 (FIPS 180-4). */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Parses a digest's text form. @throws SCHEMA */
export function parseDigest(value: unknown): Digest {
  if (typeof value === 'string' && DIGEST_PATTERN.test(value)) return value as Digest;
  throw new DewproofError('SCHEMA', 'A digest is written sha256: followed by 64 lower-case hexadecimal digits.');
}

/** The digest as `0x` and 64 hexadecimal digits, as ledgers hold it. */
export function digestToBytes32(digest: Digest): Bytes32 {
  return `0x${digest.slice('sha256:'.length)}`;
}

/** The digest that a ledger's 32 bytes stand for. */
export function bytes32ToDigest(bytes: Bytes32): Digest {
  return `sha256:${bytes.slice(2)}`;
}

/** 32 bytes as `0x` and 64 lower-case hexadecimal digits. */
export type Bytes32 = `0x${string}`;

/** The one form of 32 bytes, for schemas that print it. */
export const BYTES32_PATTERN = /^0x[0-9a-f]{64}$/;
