import { decode, encode } from 'cborg';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBundle } from '../../../../chain/light/bundle/decode-bundle.ts';
import { encodeBundle } from '../../../../chain/light/bundle/encode-bundle.ts';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { fromHex, toHex } from '../../../../chain/light/hex.ts';
import { parseQbftExtra } from '../../../../chain/light/qbft/extra-data.ts';
import { parseHeader } from '../../../../chain/light/qbft/header.ts';
import { blockHash, sealedHash } from '../../../../chain/light/qbft/header-hash.ts';
import { decodeRlp, encodeRlp, integerBytes, rlpList, type Rlp } from '../../../../chain/light/rlp.ts';
import { parseNode, type NodeReference } from '../../../../chain/light/trie/parse-node.ts';
import { accountsOf, four, qbftBundle, seven } from '../../../support/test-bundles.ts';
import { plainHeader, replaceItem, sealAsQbft } from '../../../support/test-validators.ts';
import { refusalOf } from './refusal-of.ts';

// What is fast because it takes short cuts is held here against the long way round.

const strict = { strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true } as const;
const sample = qbftBundle(four);
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** A bundle's frame with parts of nearly the right shapes. */
const frame = fc
  .record({
    version: fc.constantFrom(1, 1, 1, 1, 2, 0),
    note: fc.option(fc.uint8Array({ maxLength: 300 })),
    number: fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.constantFrom(0n, 23n, 24n, 255n, 256n, 65_535n, 65_536n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n),
    ),
    status: fc.integer({ min: 0, max: 300 }),
    key: bytesOf(32),
    address: fc.oneof({ weight: 4, arbitrary: bytesOf(20) }, { weight: 1, arbitrary: bytesOf(21) }),
    nodes: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }),
    parts: fc.constantFrom(9, 9, 9, 9, 8, 10),
  })
  .map(({ version, note, number, status, key, address, nodes, parts }) => {
    const heads = [[key], [key, number, key, key, status]];
    const devices = [[address], [address, status, key, 1, key]];
    const all = [version, [key], key, note, heads, devices, [[key, key]], [[key, address]], nodes, nodes];
    return encode(all.slice(0, parts));
  });

test('a bundle that is decoded has the bytes that its parts are encoded to', () => {
  const changed = fc.tuple(fc.oneof(fc.constant(sample), frame), fc.nat(), fc.integer({ min: 0, max: 255 }));
  let taken = 0;
  fc.assert(
    fc.property(changed, fc.boolean(), ([bytes, at, byte], changes) => {
      const candidate = Uint8Array.from(bytes);
      if (changes) candidate[at % candidate.length] = byte;
      if (refusalOf(() => decodeBundle(candidate)) !== undefined) return;
      taken += 1;
      const parts = decodeBundle(candidate);
      expect(Buffer.from(encodeBundle(parts)).equals(candidate)).toBe(true);
      expect(encodeBundle(parts)).toEqual(encode(decode(candidate, strict)));
    }),
    { numRuns: 3_000 },
  );
  expect(taken).toBeGreaterThan(300);
});

test.each<[string, number, readonly number[]]>([
  ['a small number in two bytes', 1, [0x18, 1]],
  ['a small number in nine bytes', 1, [0x1b, 0, 0, 0, 0, 0, 0, 0, 1]],
  ['an array’s length in two bytes', 0, [0x98, 9]],
  ['an array’s length in five bytes', 0, [0x9a, 0, 0, 0, 9]],
])('a bundle is refused with %s', (_, at, by) => {
  const longer = Uint8Array.from([...sample.subarray(0, at), ...by, ...sample.subarray(at + 1)]);
  expect(refusalOf(() => decodeBundle(longer))).toBe('SCHEMA');
});

test('a 64-bit version is refused in eight bytes where four would hold it', () => {
  const key = new Uint8Array(32);
  const bundle = encode([1, [], key, null, [[key, 2n ** 40n, key, key, 1]], [], [], [], []]);
  expect(decodeBundle(bundle).heads[0]?.head?.version).toBe(2n ** 40n);
  const at = bundle.indexOf(0x1b);
  bundle.set([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], at + 1);
  expect(refusalOf(() => decodeBundle(bundle))).toBe('SCHEMA');
});

const child = fc.oneof(
  { weight: 3, arbitrary: bytesOf(32) },
  { weight: 3, arbitrary: fc.constant(new Uint8Array(0)) },
  { weight: 1, arbitrary: fc.constantFrom<Rlp>([Uint8Array.of(0x20), Uint8Array.of(1)], new Uint8Array(31)) },
);

/** What a child decodes to, the long way round. */
function isChild(reference: NodeReference, item: Rlp | undefined): boolean {
  if (!(item instanceof Uint8Array)) return reference.kind === 'inline';
  if (item.length === 0) return reference.kind === 'none';
  return reference.kind === 'hash' && toHex(reference.hash) === toHex(item);
}

test('a branch that is taken is written in its one form, and leads where its items say', () => {
  const branch = fc.array(child, { minLength: 16, maxLength: 16 });
  const value = fc.constantFrom(new Uint8Array(0), Uint8Array.of(5));
  const change = fc.option(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })));
  let taken = 0;
  fc.assert(
    fc.property(branch, value, change, fc.boolean(), (children, content, changed, longer) => {
      const bytes = encodeRlp([...children, content]);
      const candidate = longer ? Uint8Array.from([...bytes, 0x80]) : bytes;
      // The header's bytes more often than others.
      if (changed) candidate[changed[0] % (changed[0] % 2 ? 3 : candidate.length)] = changed[1];
      if (refusalOf(() => parseNode(candidate)) !== undefined) return;
      const node = parseNode(candidate);
      if (node.kind !== 'branch') return;
      taken += 1;
      expect(Buffer.from(encodeRlp(decodeRlp(candidate))).equals(candidate)).toBe(true);
      const items = rlpList(decodeRlp(candidate));
      for (let nibble = 0; nibble < 16; nibble++) expect(isChild(node.childAt(nibble), items[nibble])).toBe(true);
      expect(items.slice(0, 16).filter((item) => item.length > 0).length + (node.value ? 1 : 0)).toBeGreaterThan(1);
    }),
    { numRuns: 3_000 },
  );
  expect(taken).toBeGreaterThan(100);
});

test.each([2, 7, 16])('a branch of %i hashes is refused in any other form', (count) => {
  const hash = new Uint8Array(32).fill(7);
  const items = Array.from({ length: 17 }, (_, index) => (index < count ? hash : new Uint8Array(0)));
  const bytes = encodeRlp(items);
  const [header, content] = [bytes.length > 257 ? 3 : 2, 33 * count + 17 - count];
  const body = bytes.subarray(header);
  const prefixes = [
    [0xf8, content & 0xff],
    [0xf9, content >> 8, content & 0xff],
    [0xfa, 0, content >> 8, content & 0xff],
  ];
  const accepted = prefixes.filter(
    (prefix) => refusalOf(() => parseNode(Uint8Array.from([...prefix, ...body]))) === undefined,
  );
  expect(accepted).toEqual([[...bytes.subarray(0, header)]]);
  const lone = encodeRlp(items.map((item, index) => (index === 0 ? item : new Uint8Array(0))));
  expect(refusalOf(() => parseNode(lone))).toBe('branch-lone');
});

test('a header’s hashes are those of the header encoded anew', () => {
  const { keccak256 } = nobleCrypto;
  const spec = fc.record({
    time: fc.constantFrom(0n, 1n, 0x7fn, 0x80n, 0xffffn, 1_700_000_000n),
    round: fc.constantFrom(0n, 1n, 0x7fn, 0x80n, 0xffn, 300n, 2n ** 32n - 1n),
    members: fc.constantFrom(four, seven, four.slice(0, 1), []),
    votes: fc.boolean(),
    vanity: fc.constantFrom(0, 32),
  });
  fc.assert(
    fc.property(spec, ({ time, round, members, votes, vanity }) => {
      const raw = sealAsQbft(plainHeader({ height: 5n, time }), {
        validators: accountsOf(members),
        sealers: members,
        round,
        ...(votes && { vote: { recipient: `0x${'ab'.repeat(20)}`, adds: true } }),
      });
      const sealed = decodeRlp(parseHeader(raw).extraData);
      const extra = replaceItem(sealed, { path: [0], by: new Uint8Array(vanity) });
      const header = parseHeader(encodeRlp(replaceItem(decodeRlp(raw), { path: [12], by: encodeRlp(extra) })));
      const anew = (change: (items: readonly Rlp[]) => readonly Rlp[]) =>
        toHex(
          keccak256(encodeRlp(header.items.map((item, at) => (at === 12 ? encodeRlp(change(rlpList(extra))) : item)))),
        );
      const parsed = parseQbftExtra(header.extraData);
      expect(toHex(blockHash(header, nobleCrypto))).toBe(
        anew((items) => [...items.slice(0, 3), new Uint8Array(0), []]),
      );
      expect(toHex(sealedHash({ header, extra: parsed }, nobleCrypto))).toBe(
        anew((items) => [...items.slice(0, 3), integerBytes(round), []]),
      );
    }),
    { numRuns: 200 },
  );
});

test('a header without BFT’s mark is hashed as it is', () => {
  const raw = plainHeader({ height: 5n });
  expect(toHex(blockHash(parseHeader(raw), nobleCrypto))).toBe(toHex(nobleCrypto.keccak256(raw)));
  expect(fromHex(toHex(raw))).toEqual(raw);
});
