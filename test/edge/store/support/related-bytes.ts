import { createHash } from 'node:crypto';

/** Bytes that look like chance and are always the same for one seed. */
export function bytesOf(seed: number, { length = 64 }: { readonly length?: number } = {}): Uint8Array {
  return new Uint8Array(createHash('shake256', { outputLength: length }).update(String(seed)).digest());
}
