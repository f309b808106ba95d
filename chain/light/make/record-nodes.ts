import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import type { NodePile } from '../trie/node-pile.ts';
import { parseNode } from '../trie/parse-node.ts';

/** A pile that notes which nodes were taken, in the order in which they first were: a bundle's order. */
export interface RecordingPile extends NodePile {
  recorded(): readonly Uint8Array[];
}

/** Takes nodes out of all those that a node's `eth_getProof` answered, whatever their order and number. */
export function recordNodes(
  nodes: readonly Uint8Array[],
  { keccak256 }: Pick<ProofCrypto, 'keccak256'>,
): RecordingPile {
  const byHash = new Map(nodes.map((bytes) => [toHex(keccak256(bytes)), bytes]));
  const taken = new Set<Uint8Array>();
  return {
    take: (hash) => {
      const bytes = byHash.get(toHex(hash));
      if (!bytes) throw refuseProof('node-missing', 'the node left a trie node out');
      taken.add(bytes);
      return parseNode(bytes);
    },
    finish: () => undefined,
    recorded: () => [...taken],
  };
}
