import { createHash } from 'node:crypto';

/** The hash of a leaf's data; its prefix keeps leaves from passing for inner nodes (RFC 6962, section 2.1). */
export function leafHashOf(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(Buffer.of(0)).update(data).digest();
}

/** A tree's hash, and for each leaf the path that proves it, from its sibling up. */
export interface MerkleTree {
  readonly root: Uint8Array;
  readonly paths: readonly (readonly Uint8Array[])[];
}

/** The Merkle tree over leaves' hashes with all inclusion paths (RFC 6962, section 2.1; RFC 9162, section 2.1.3.1). */
export function merkleTreeOf(leaves: readonly Uint8Array[]): MerkleTree {
  const [first] = leaves;
  if (first === undefined) return { root: createHash('sha256').digest(), paths: [] };
  if (leaves.length === 1) return { root: first, paths: [[]] };
  const split = splitOf(leaves.length);
  const [left, right] = [merkleTreeOf(leaves.slice(0, split)), merkleTreeOf(leaves.slice(split))];
  return {
    root: nodeHashOf({ left: left.root, right: right.root }),
    paths: [...left.paths.map((path) => [...path, right.root]), ...right.paths.map((path) => [...path, left.root])],
  };
}

/** A claim that a leaf is the one at `index` of `size`. */
export interface InclusionClaim {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
}

/** The tree's root as an inclusion path has it; undefined where the path has not the length (RFC 9162, section 2.1.3.2). */
export function rootOfPath({ leaf, index, size, path }: InclusionClaim): Uint8Array | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  // BigInt: shifts of numbers end at 32 bits.
  let [fn, sn] = [BigInt(index), BigInt(size - 1)];
  let root = leaf;
  for (const node of path) {
    if (sn === 0n) return undefined;
    if ((fn & 1n) === 1n || fn === sn) {
      root = nodeHashOf({ left: node, right: root });
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      root = nodeHashOf({ left: root, right: node });
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? root : undefined;
}

function nodeHashOf({ left, right }: { left: Uint8Array; right: Uint8Array }): Uint8Array {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  return 2 ** (31 - Math.clz32(size - 1));
}
