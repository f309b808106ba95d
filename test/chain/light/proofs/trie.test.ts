import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../../../chain/light/hex.ts';
import { recordNodes } from '../../../../chain/light/make/record-nodes.ts';
import { encodeRlp, type Rlp } from '../../../../chain/light/rlp.ts';
import { pileNodes } from '../../../../chain/light/trie/node-pile.ts';
import { parseNode } from '../../../../chain/light/trie/parse-node.ts';
import { parsePath } from '../../../../chain/light/trie/parse-path.ts';
import { EMPTY_ROOT, readTrie } from '../../../../chain/light/trie/read-trie.ts';
import { buildTrie, hexPrefix } from '../../../support/trie-builder.ts';
import { refusalOf } from './refusal-of.ts';

const { keccak256 } = nobleCrypto;
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

/** Short keys of an alphabet of few nibbles: many extensions, branches with values, inline nodes. */
const keyArbitrary = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0xf0), { minLength: 1, maxLength: 4 })
  .map((key) => Uint8Array.from(key));
const valueArbitrary = fc.uint8Array({ minLength: 1, maxLength: 40 });
const trieArbitrary = fc
  .array(fc.tuple(keyArbitrary, valueArbitrary), { maxLength: 30 })
  .map((entries) => new Map(entries.map(([key, value]) => [toHex(key), [key, value] as const])));

/** The nodes that prove keys, in their one order. */
function proofOf(trie: ReturnType<typeof buildTrie>, keys: readonly Uint8Array[]): readonly Uint8Array[] {
  const pile = recordNodes(trie.nodes, nobleCrypto);
  for (const key of keys) readTrie(pile, { root: trie.root, key });
  return pile.recorded();
}

function readAll(nodes: readonly Uint8Array[], { root, keys }: { root: Uint8Array; keys: readonly Uint8Array[] }) {
  const pile = pileNodes(nodes, nobleCrypto);
  const values = keys.map((key) => readTrie(pile, { root, key }));
  pile.finish();
  return values;
}

describe('a Merkle-Patricia trie', () => {
  test('has the root that other clients give it', () => {
    // Published: ethereum/tests, TrieTests/trieanyorder.json, "dogs" and "singleItem".
    const text = (value: string) => new Uint8Array(Buffer.from(value));
    const dogs = buildTrie([
      [text('doe'), text('reindeer')],
      [text('dog'), text('puppy')],
      [text('dogglesworth'), text('cat')],
    ]);
    expect(toHex(dogs.root)).toBe('0x8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3');
    const single = buildTrie([[text('A'), text('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')]]);
    expect(toHex(single.root)).toBe('0xd23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab');
  });

  test('proves for every key that it is there with its value, or absent', () => {
    fc.assert(
      fc.property(trieArbitrary, fc.array(keyArbitrary, { minLength: 1, maxLength: 6 }), (entries, asked) => {
        const trie = buildTrie(entries.values());
        const keys = [...asked, ...[...entries.values()].map(([key]) => key)];
        const nodes = proofOf(trie, keys);
        const values = readAll(nodes, { root: trie.root, keys });
        for (const [index, key] of keys.entries()) expect(values[index]).toEqual(entries.get(toHex(key))?.[1]);
      }),
      { numRuns: 400 },
    );
  });

  test('refuses any other set of nodes: one missing, one more, twice, moved, altered', () => {
    fc.assert(
      fc.property(trieArbitrary, fc.nat(), fc.nat(), (entries, at, bit) => {
        fc.pre(entries.size > 0);
        const trie = buildTrie(entries.values());
        const keys = [...entries.values()].map(([key]) => key);
        const nodes = proofOf(trie, keys);
        const index = at % nodes.length;
        const node = nodes[index] ?? new Uint8Array(0);
        const read = (changed: readonly Uint8Array[]) => refusalOf(() => readAll(changed, { root: trie.root, keys }));
        // "Node missing" must never be taken for "key absent".
        expect(read(nodes.filter((_, one) => one !== index))).toMatch(/^node-(?:missing|hash)$/);
        expect(read([...nodes, node])).toBe('node-extra');
        expect(read([...nodes.slice(0, index), node, ...nodes.slice(index)])).toMatch(/^node-(?:hash|extra)$/);
        if (nodes.length > 1) expect(read([...nodes.slice(1), ...nodes.slice(0, 1)])).toBe('node-hash');
        const flipped = Uint8Array.from(node);
        const place = bit % (flipped.length * 8);
        flipped[place >> 3] = (flipped[place >> 3] ?? 0) ^ (1 << (place & 7));
        expect(read(nodes.map((one, other) => (other === index ? flipped : one)))).toBe('node-hash');
      }),
      { numRuns: 200 },
    );
  });

  test('is empty under the empty root alone', () => {
    expect(readAll([], { root: EMPTY_ROOT, keys: [bytes('11')] })).toEqual([undefined]);
    expect(refusalOf(() => readAll([Uint8Array.of(0x80)], { root: EMPTY_ROOT, keys: [bytes('11')] }))).toBe(
      'node-extra',
    );
    expect(refusalOf(() => readAll([], { root: new Uint8Array(32), keys: [bytes('11')] }))).toBe('node-missing');
  });

  test('is tied to its root: a whole proof under another root proves nothing', () => {
    const trie = buildTrie([[bytes('1111'), bytes('aa'.repeat(40))]]);
    const other = buildTrie([[bytes('1111'), bytes('bb'.repeat(40))]]);
    expect(refusalOf(() => readAll(trie.nodes, { root: other.root, keys: [bytes('1111')] }))).toBe('node-hash');
  });

  test('has a small root by hash, and no other small node', () => {
    const small = buildTrie([[bytes('11'), bytes('05')]]);
    expect(small.nodes[0]?.length).toBeLessThan(32);
    expect(readAll(small.nodes, { root: small.root, keys: [bytes('11'), bytes('12')] })).toEqual([
      bytes('05'),
      undefined,
    ]);

    const leaf = encodeRlp([hexPrefix([1], true), bytes('05')]);
    const big = encodeRlp([hexPrefix([1], true), bytes('aa'.repeat(40))]);
    const children: Rlp[] = Array.from({ length: 17 }, () => new Uint8Array(0));
    children[1] = keccak256(leaf);
    children[2] = keccak256(big);
    const root = encodeRlp(children);
    const read = () => readAll([root, leaf], { root: keccak256(root), keys: [bytes('11')] });
    expect(refusalOf(read)).toBe('node-short');
  });

  const hash = new Uint8Array(32).fill(9);
  const none = new Uint8Array(0);
  const branch = (changes: Readonly<Record<number, Rlp>>) =>
    Array.from({ length: 17 }, (_, index): Rlp => changes[index] ?? none);
  test.each<[string, Rlp, string]>([
    ['of three items', [none, none, none], 'node-shape'],
    ['of one string', hash, 'node-shape'],
    ['with an empty leaf', [hexPrefix([1], true), none], 'leaf-empty'],
    ['with a list for a value', [hexPrefix([1], true), [hash]], 'rlp-bytes'],
    ['whose extension goes nowhere', [hexPrefix([], false), hash], 'extension-empty'],
    ['whose extension leads to nothing', [hexPrefix([1], false), none], 'extension-child'],
    [
      'whose extension leads to a leaf',
      [hexPrefix([1], false), [hexPrefix([1], true), bytes('05')]],
      'extension-child',
    ],
    ['with a reference of 31 bytes', branch({ 1: hash, 2: hash.subarray(1) }), 'reference-length'],
    ['whose branch leads one way', branch({ 1: hash }), 'branch-lone'],
    ['whose branch leads nowhere', branch({ 16: hash }), 'branch-lone'],
    ['with a large node inline', branch({ 1: hash, 2: [hexPrefix([1], true), hash] }), 'inline-large'],
    ['with an unknown flag', [bytes('40'), hash], 'path-flag'],
    ['with a padded path', [bytes('2111'), hash], 'path-padding'],
    ['without a path', [none, hash], 'path-length'],
    ['with a path that is too long', [bytes(`20${'11'.repeat(33)}`), hash], 'path-length'],
  ])('has no node %s', (_, item, check) => {
    expect(refusalOf(() => parseNode(encodeRlp(item)))).toBe(check);
  });

  test('has no extension after an extension by hash', () => {
    const inner = encodeRlp([hexPrefix([2], false), hash]);
    const outer = encodeRlp([hexPrefix([1], false), keccak256(inner)]);
    const read = () => readAll([outer, inner], { root: keccak256(outer), keys: [bytes('12')] });
    expect(refusalOf(read)).toBe('extension-child');
  });

  test('reads hex-prefix paths in their one form', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 64 }), fc.boolean(), (path, isLeaf) => {
        expect(parsePath(hexPrefix(path, isLeaf))).toEqual({ path: Uint8Array.from(path), isLeaf });
      }),
    );
  });
});
