import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { encodeRlp, type Rlp } from '../../chain/light/rlp.ts';
import { EMPTY_ROOT } from '../../chain/light/trie/read-trie.ts';
import { nibblesOf } from '../../chain/light/trie/parse-path.ts';

/** A whole Merkle-Patricia trie of a test's own, written apart from the reader under test. */
export interface BuiltTrie {
  readonly root: Uint8Array;
  /** All nodes that have a hash. */
  readonly nodes: readonly Uint8Array[];
}

interface Entry {
  readonly path: readonly number[];
  readonly value: Uint8Array;
}

/** Builds the trie of `entries` as Ethereum's clients do (Yellow Paper, appendix D); keys are used as they are. */
export function buildTrie(entries: Iterable<readonly [Uint8Array, Uint8Array]>): BuiltTrie {
  const all = [...entries].map(([key, value]): Entry => ({ path: [...nibblesOf(key)], value }));
  if (all.length === 0) return { root: EMPTY_ROOT, nodes: [] };
  const nodes: Uint8Array[] = [];
  const referTo = (item: Rlp): Rlp => {
    const bytes = encodeRlp(item);
    if (bytes.length < 32) return item;
    nodes.push(bytes);
    return nobleCrypto.keccak256(bytes);
  };
  const root = encodeRlp(nodeOf(all, referTo));
  return { root: nobleCrypto.keccak256(root), nodes: [root, ...nodes] };
}

function nodeOf(entries: readonly Entry[], referTo: (item: Rlp) => Rlp): Rlp {
  const [first] = entries;
  if (first === undefined) throw new TypeError('no entries');
  if (entries.length === 1) return [hexPrefix(first.path, true), first.value];
  const shared = sharedLength(entries);
  if (shared > 0) {
    const child = nodeOf(cut(entries, shared), referTo);
    return [hexPrefix(first.path.slice(0, shared), false), referTo(child)];
  }
  const children = Array.from({ length: 16 }, (_, nibble): Rlp => {
    const below = entries.filter(({ path }) => path[0] === nibble);
    return below.length === 0 ? new Uint8Array(0) : referTo(nodeOf(cut(below, 1), referTo));
  });
  return [...children, entries.find(({ path }) => path.length === 0)?.value ?? new Uint8Array(0)];
}

function cut(entries: readonly Entry[], count: number): readonly Entry[] {
  return entries.map(({ path, value }) => ({ path: path.slice(count), value }));
}

function sharedLength(entries: readonly Entry[]): number {
  const [first, ...rest] = entries.map(({ path }) => path);
  let length = 0;
  while (first && length < first.length && rest.every((path) => path[length] === first[length])) length++;
  return length;
}

/** Yellow Paper, appendix C. */
export function hexPrefix(path: readonly number[], isLeaf: boolean): Uint8Array {
  const flag = isLeaf ? 2 : 0;
  const nibbles = path.length % 2 === 0 ? [flag, 0, ...path] : [flag + 1, ...path];
  return Uint8Array.from({ length: nibbles.length / 2 }, (_, index) => {
    return (nibbles[index * 2] ?? 0) * 16 + (nibbles[index * 2 + 1] ?? 0);
  });
}
