import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { sameBytes, toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import { parseNode, type TrieNode } from './parse-node.ts';

/** The nodes of a bundle, handed out by hash; each was taken from the pile the first time it was asked for. */
export interface NodePile {
  /**
   * The node of `hash`. `isRoot`: a trie's root alone may be smaller than 32 bytes.
   * @throws PROOF_INVALID where the node is missing: that is never taken for an absent key
   */
  take(hash: Uint8Array, place: { readonly isRoot: boolean }): TrieNode;
  /** Refuses what nobody asked for. @throws PROOF_INVALID */
  finish(): void;
}

/**
 * Piles up a bundle's deduplicated nodes. They must lie in the order in which the checks, going from slot to slot,
 * first need them: so a pile has one valid order, and an extra, a repeated or a moved node is refused.
 */
export function pileNodes(nodes: readonly Uint8Array[], { keccak256 }: Pick<ProofCrypto, 'keccak256'>): NodePile {
  const taken = new Map<string, { readonly node: TrieNode; readonly size: number }>();
  let next = 0;
  const takeNext = (hash: Uint8Array) => {
    const bytes = nodes[next];
    if (!bytes) throw refuseProof('node-missing', 'a trie node is missing');
    if (!sameBytes(keccak256(bytes), hash)) {
      throw refuseProof('node-hash', 'a trie node is missing, altered or out of its place');
    }
    next += 1;
    return { node: parseNode(bytes), size: bytes.length };
  };
  return {
    take: (hash, { isRoot }) => {
      const key = toHex(hash);
      let found = taken.get(key);
      if (!found) taken.set(key, (found = takeNext(hash)));
      if (!isRoot && found.size < 32) throw refuseProof('node-short', 'a node of less than 32 bytes has a hash');
      return found.node;
    },
    finish: () => {
      if (next !== nodes.length) throw refuseProof('node-extra', 'a trie node belongs to nothing that is proved');
    },
  };
}
