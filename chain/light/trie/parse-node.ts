import { refuseProof } from '../refuse.ts';
import { decodeRlp, isBytes, rlpBytes, type Rlp } from '../rlp.ts';
import { parsePath } from './parse-path.ts';

/** What stands for a child: nothing, the hash of a node of 32 bytes or more, or a smaller node itself. */
export type NodeReference =
  | { readonly kind: 'none' }
  | { readonly kind: 'hash'; readonly hash: Uint8Array }
  | { readonly kind: 'inline'; readonly node: TrieNode };

/** A node of a Merkle-Patricia trie (Ethereum Yellow Paper, appendix D); paths are nibbles, one each byte. */
export type TrieNode =
  | { readonly kind: 'leaf'; readonly path: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'extension'; readonly path: Uint8Array; readonly child: NodeReference }
  | {
      readonly kind: 'branch';
      readonly childAt: (nibble: number) => NodeReference;
      readonly value: Uint8Array | undefined;
    };

const NONE: NodeReference = { kind: 'none' };

/** Parses a node's bytes: canonical RLP, and a node that a trie could hold. @throws PROOF_INVALID */
export function parseNode(bytes: Uint8Array): TrieNode {
  return parseHashBranch(bytes) ?? parseItem(decodeRlp(bytes));
}

/**
 * The branch that most nodes are: hashes or nothing, and no value. Of its sixteen children one is followed as a rule, so
 * none is taken out before; decoding all of them cost a check as much as hashing the node. Undefined of any other node.
 */
function parseHashBranch(bytes: Uint8Array): TrieNode | undefined {
  // Two hashes and fourteen empty items already have 80 bytes: such a list states its length in a byte or two.
  const header = bytes[0] === 0xf9 ? 3 : 2;
  const starts: number[] = [];
  let [at, taken] = [header, 0];
  for (let index = 0; index < 16; index++) {
    const isHash = bytes[at] === 0xa0;
    if (!isHash && bytes[at] !== 0x80) return undefined;
    starts.push(isHash ? at + 1 : 0);
    at += isHash ? 33 : 1;
    if (isHash) taken += 1;
  }
  if (taken < 2 || at + 1 !== bytes.length || bytes[at] !== 0x80 || !hasListHeader(bytes, at + 1 - header))
    return undefined;
  const childAt = (nibble: number): NodeReference => {
    const start = starts[nibble] ?? 0;
    return start === 0 ? NONE : { kind: 'hash', hash: bytes.subarray(start, start + 32) };
  };
  return { kind: 'branch', childAt, value: undefined };
}

/** Whether the bytes begin as a list of `length` bytes of content, 56 to 65,535, in its one form. */
function hasListHeader(bytes: Uint8Array, length: number): boolean {
  if (length <= 255) return bytes[0] === 0xf8 && bytes[1] === length;
  return bytes[0] === 0xf9 && bytes[1] === length >> 8 && bytes[2] === (length & 0xff);
}

function parseItem(item: Rlp): TrieNode {
  if (!isBytes(item) && item.length === 17) return parseBranch(item);
  if (!isBytes(item) && item.length === 2) return parseShort(item);
  throw refuseProof('node-shape', 'a trie node has neither 2 nor 17 items');
}

function parseShort([encodedPath, content]: readonly Rlp[]): TrieNode {
  const { path, isLeaf } = parsePath(rlpBytes(encodedPath));
  if (isLeaf) {
    const value = rlpBytes(content);
    if (value.length === 0) throw refuseProof('leaf-empty', 'a leaf holds nothing');
    return { kind: 'leaf', path, value };
  }
  if (path.length === 0) throw refuseProof('extension-empty', 'an extension goes nowhere');
  const child = parseReference(content);
  const leadsOn = child.kind === 'hash' || (child.kind === 'inline' && child.node.kind === 'branch');
  if (!leadsOn) throw refuseProof('extension-child', 'an extension leads to no branch');
  return { kind: 'extension', path, child };
}

function parseBranch(items: readonly Rlp[]): TrieNode {
  const children: NodeReference[] = [];
  let taken = 0;
  for (let index = 0; index < 16; index++) {
    const child = parseReference(items[index]);
    if (child !== NONE) taken += 1;
    children.push(child);
  }
  const content = rlpBytes(items[16]);
  const value = content.length === 0 ? undefined : content;
  if (value) taken += 1;
  // A trie would have put one way on as a leaf or an extension: two forms of one node would be ambiguous.
  if (taken < 2) throw refuseProof('branch-lone', 'a branch leads fewer than two ways');
  return { kind: 'branch', childAt: (nibble) => children[nibble] ?? NONE, value };
}

function parseReference(item: Rlp | undefined): NodeReference {
  if (item === undefined) throw refuseProof('node-shape', 'a trie node lacks an item');
  if (!isBytes(item)) {
    if (encodedLength(item) >= 32) throw refuseProof('inline-large', 'a node of 32 bytes or more stands inline');
    return { kind: 'inline', node: parseItem(item) };
  }
  if (item.length === 0) return NONE;
  if (item.length !== 32) throw refuseProof('reference-length', 'a reference to a node has not 32 bytes');
  return { kind: 'hash', hash: item };
}

/** Exact below 56 bytes of content, which is all that is asked. */
function encodedLength(item: Rlp): number {
  if (!isBytes(item)) return 1 + item.reduce((sum: number, inner) => sum + encodedLength(inner), 0);
  return item.length === 1 && (item[0] ?? 0) < 0x80 ? 1 : 1 + item.length;
}
