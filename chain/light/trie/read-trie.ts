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
  const path = nibblesOf(key);
  let at = 0;
  let node: TrieNode | undefined = pile.take(root, { isRoot: true });
  let afterExtension = false;
  while (node) {
    if (afterExtension && node.kind !== 'branch')
      throw refuseProof('extension-child', 'an extension leads to no branch');
    afterExtension = node.kind === 'extension';
    if (node.kind === 'leaf') return isRest(path, { at, of: node.path }) ? node.value : undefined;
    if (node.kind === 'branch' && at === path.length) return node.value;
    const child = childOf(node, { path, at });
    if (!child) return undefined;
    at += node.kind === 'branch' ? 1 : node.path.length;
    node = follow(pile, child);
  }
  return undefined;
}

/** How far along a key's nibbles the reading stands. */
interface Place {
  readonly path: Uint8Array;
  readonly at: number;
}

/** The child on the way; undefined where the way ends. */
function childOf(node: Exclude<TrieNode, { kind: 'leaf' }>, { path, at }: Place): NodeReference | undefined {
  if (node.kind === 'branch') return node.childAt(path[at] ?? 0);
  return isNext(path, { at, of: node.path }) ? node.child : undefined;
}

/** Whether `of` is all that is left of the path. */
function isRest(path: Uint8Array, { at, of }: { readonly at: number; readonly of: Uint8Array }): boolean {
  return at + of.length === path.length && isNext(path, { at, of });
}

/** Whether the path goes on with `of`. */
function isNext(path: Uint8Array, { at, of }: { readonly at: number; readonly of: Uint8Array }): boolean {
  for (let index = 0; index < of.length; index++) if (path[at + index] !== of[index]) return false;
  return true;
}

function follow(pile: NodePile, child: NodeReference): TrieNode | undefined {
  if (child.kind === 'none') return undefined;
  return child.kind === 'inline' ? child.node : pile.take(child.hash, { isRoot: false });
}
