import { digestOf, digestToBytes32, type Bytes32 } from '../digest.ts';

/** The most nonces that one batch has. */
export const MAX_BATCH_NONCES = 256;

/**
 * The one nonce (32 bytes) that witnesses sign for several callers at once: SHA-256 over all of theirs. Who finds its own
 * among them knows that what was signed is no older than that.
 */
export function batchNonce(nonces: readonly Bytes32[]): Bytes32 {
  return digestToBytes32(digestOf(Buffer.from(['dewproof/nonces/v1', ...nonces, ''].join('\n'))));
}
