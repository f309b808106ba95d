import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { refuseProof } from '../refuse.ts';
import { decodeRlp, rlpBytes } from '../rlp.ts';
import type { NodePile } from '../trie/node-pile.ts';
import { readTrie } from '../trie/read-trie.ts';

/** Reads the registry's slots out of one storage trie. */
export interface SlotReader {
  /** What a slot (its 32-byte number) holds, without leading zeros; undefined where it is proved to hold 0. @throws PROOF_INVALID */
  read(slot: Uint8Array): Uint8Array | undefined;
}

/** Reads slots of the storage trie of `root`, with the nodes of `pile`. */
export function openSlots(
  pile: NodePile,
  { root, crypto }: { readonly root: Uint8Array; readonly crypto: Pick<ProofCrypto, 'keccak256'> },
): SlotReader {
  return {
    read: (slot) => {
      const leaf = readTrie(pile, { root, key: crypto.keccak256(slot) });
      if (!leaf) return undefined;
      const value = rlpBytes(decodeRlp(leaf));
      // Zero is never stored, and a leading zero would give one value two forms.
      if (value.length === 0 || value.length > 32 || value[0] === 0) {
        throw refuseProof('slot-value', 'a slot holds what no slot can');
      }
      return value;
    },
  };
}
