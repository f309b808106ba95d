import { createHash } from 'node:crypto';
import { z } from 'zod';
import { digestToBytes32, type Bytes32, type Digest } from '../digest.ts';
import { DewproofError } from '../errors.ts';
import { bytes32Field } from '../fields.ts';
import { leafHashOf, merkleTreeOf, rootOfPath } from './merkle.ts';

/** The most receipts of one batch; a path in it has 12 nodes. */
export const MAX_BATCH = 4096;

/** Proves that a receipt is in the batch whose root the ledger holds. */
export const inclusionSchema = z
  .strictObject({
    /** What is anchored: see `proveInclusions`. */
    root: bytes32Field,
    size: z.int().min(1).max(MAX_BATCH),
    index: z.int().min(0),
    path: z.array(bytes32Field).max(12),
  })
  .readonly();
export type Inclusion = z.output<typeof inclusionSchema>;

/**
 * Proves for each receipt of a batch that it is in it, in the same order. The root that is anchored is the SHA-256 of a
 * byte 2, the number of receipts (8 bytes, big-endian) and the Merkle tree hash over their digests: the tree hash alone
 * does not fix the size, which is why RFC 6962 signs both. @throws TypeError for none or too many
 */
export function proveInclusions(receipts: readonly Digest[]): readonly Inclusion[] {
  if (receipts.length === 0 || receipts.length > MAX_BATCH) throw new TypeError('a batch has 1 to 4096 receipts');
  const size = receipts.length;
  const tree = merkleTreeOf(receipts.map(leafOf));
  const root = commitmentOf(tree.root, size);
  return tree.paths.map((path, index) => ({ root, size, index, path: path.map(hexOf) }));
}

/** Verifies that a receipt is in the batch of that root; whether the ledger holds the root is another question. @throws PROOF_INVALID */
export function verifyInclusion(receipt: Digest, { root, size, index, path }: Inclusion): void {
  const tree = rootOfPath({ leaf: leafOf(receipt), index, size, path: path.map(bytesOf) });
  if (tree !== undefined && commitmentOf(tree, size) === root) return;
  throw new DewproofError('PROOF_INVALID', 'The inclusion proof does not lead from this receipt to its root.');
}

function leafOf(receipt: Digest): Uint8Array {
  return leafHashOf(bytesOf(digestToBytes32(receipt)));
}

function commitmentOf(tree: Uint8Array, size: number): Bytes32 {
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(size));
  return hexOf(createHash('sha256').update(Buffer.of(2)).update(count).update(tree).digest());
}

function bytesOf(bytes: Bytes32): Uint8Array {
  return Buffer.from(bytes.slice(2), 'hex');
}

function hexOf(bytes: Uint8Array): Bytes32 {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
