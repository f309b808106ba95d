import { sameBytes } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import type { NodePile } from './node-pile.ts';
import type { NodeReference, TrieNode } from './parse-node.ts';
import { nibblesOf } from './parse-path.ts';

/** keccak256(0x80): the root of a trie that holds nothing. */
export const EMPTY_ROOT = new Uint8Array(
  Buffer.from('56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421', 'hex'),
);

/**
 * What the trie of `root` holds at `key`, or undefined where it is proved that it holds nothing there. The nodes that
 * show it come from `pile`.
 * @throws PROOF_INVALID
 */
export function readTrie(
  pile: NodePile,
  { root, key }: { readonly root: Uint8Array; readonly key: Uint8Array },
): Uint8Array | undefined {
  if (sameBytes(root, EMPTY_ROOT)) return undefined;
  let path = nibblesOf(key);
  let node: TrieNode | undefined = pile.take(root, { isRoot: true });
  let afterExtension = false;
  while (node) {
    if (afterExtension && node.kind !== 'branch')
      throw refuseProof('extension-child', 'an extension leads to no branch');
    afterExtension = node.kind === 'extension';
    if (node.kind === 'leaf') return sameBytes(node.path, path) ? node.value : undefined;
    if (node.kind === 'branch' && path.length === 0) return node.value;
    const step = stepInto(node, path);
    if (!step) return undefined;
    path = step.rest;
    node = follow(pile, step.child);
  }
  return undefined;
}

/** The child on the way and what is left of the path; undefined where the way ends. */
function stepInto(
  node: Exclude<TrieNode, { kind: 'leaf' }>,
  path: Uint8Array,
): { readonly child: NodeReference; readonly rest: Uint8Array } | undefined {
  if (node.kind === 'branch') {
    const child = node.children[path[0] ?? 0];
    return child && { child, rest: path.subarray(1) };
  }
  const { length } = node.path;
  if (!sameBytes(node.path, path.subarray(0, length))) return undefined;
  return { child: node.child, rest: path.subarray(length) };
}

function follow(pile: NodePile, child: NodeReference): TrieNode | undefined {
  if (child.kind === 'none') return undefined;
  return child.kind === 'inline' ? child.node : pile.take(child.hash, { isRoot: false });
}
