import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { fromHex } from '../../../chain/light/hex.ts';
import { parseHeader } from '../../../chain/light/qbft/header.ts';
import { decodeRlp, encodeRlp, integerBytes, rlpList, type Rlp } from '../../../chain/light/rlp.ts';
import { accountsOf, four } from '../../support/test-bundles.ts';
import { createValidators, sealHash } from '../../support/test-validators.ts';
import type { Draft, Family } from '../make/draft.ts';
import { head, withHeader } from '../make/sealed.ts';

const good = head({ set: four });
const items = rlpList(decodeRlp(good));
const extra = rlpList(decodeRlp(parseHeader(good).extraData));
const zero = new Uint8Array(0);
const byte = (value: number) => Uint8Array.of(value);
const bytes = (length: number, value = 0) => new Uint8Array(length).fill(value);

/** Any items sealed by three of four as QBFT does, however wrong they are: a quorum that errs, not a forger. */
function sealed(fields: readonly Rlp[], extraItems: readonly Rlp[] = extra): Uint8Array {
  const withExtra = (data: readonly Rlp[]) => encodeRlp(fields.map((item, at) => (at === 12 ? encodeRlp(data) : item)));
  const hash = nobleCrypto.keccak256(withExtra([...extraItems.slice(0, 4), []]));
  const seals = four.slice(0, 3).map((one) => sealHash(hash, one));
  return withExtra([...extraItems.slice(0, 4), seals, ...extraItems.slice(5)]);
}
const withField = (at: number, by: Rlp) => sealed(items.map((item, index) => (index === at ? by : item)));
const withExtra = (at: number, by: Rlp) =>
  sealed(
    items,
    extra.map((item, index) => (index === at ? by : item)),
  );

const bad = (name: string, attack: string, check: string, header: Uint8Array): Draft => ({
  name,
  attack,
  expect: `PROOF_INVALID/${check}`,
  bundle: withHeader(header),
});
const ok = (name: string, header: Uint8Array): Draft => ({
  name,
  attack: 'None: a form that some client writes.',
  expect: 'ok',
  proves: { height: '500', attestedAt: '1700000500' },
  bundle: withHeader(header),
});

/** What forks added, in their order. */
const added: readonly Rlp[] = [integerBytes(7n), bytes(32, 1), integerBytes(1n), zero, bytes(32, 2), bytes(32, 3)];
const forks = [0, 1, 2, 4, 5, 6].map((count) =>
  ok(`fields-${15 + count}`, sealed([...items.slice(0, 15), ...added.slice(0, count)])),
);

const wrongFields: readonly (readonly [name: string, at: number, by: Rlp, check: string])[] = [
  ['parent-of-31-bytes', 0, bytes(31), 'rlp-length'],
  ['ommers-of-33-bytes', 1, bytes(33), 'rlp-length'],
  ['proposer-of-19-bytes', 2, bytes(19), 'rlp-length'],
  ['state-root-of-nothing', 3, zero, 'rlp-length'],
  ['state-root-as-a-list', 3, [bytes(32)], 'rlp-bytes'],
  ['transactions-root-of-31-bytes', 4, bytes(31), 'rlp-length'],
  ['receipts-root-of-33-bytes', 5, bytes(33), 'rlp-length'],
  ['bloom-of-255-bytes', 6, bytes(255), 'rlp-length'],
  ['difficulty-with-a-leading-zero', 7, Uint8Array.of(0, 1), 'rlp-integer'],
  ['difficulty-of-33-bytes', 7, bytes(33, 1), 'rlp-integer'],
  ['height-with-a-leading-zero', 8, Uint8Array.of(0, 1, 244), 'rlp-integer'],
  ['height-of-nine-bytes', 8, bytes(9, 1), 'rlp-integer'],
  ['height-as-a-list', 8, [byte(1)], 'rlp-bytes'],
  ['gas-limit-with-a-leading-zero', 9, Uint8Array.of(0, 1), 'rlp-integer'],
  ['gas-used-zero-as-a-byte', 10, byte(0), 'rlp-integer'],
  ['time-with-a-leading-zero', 11, Uint8Array.of(0, ...integerBytes(1_700_000_500n)), 'rlp-integer'],
  ['time-of-nine-bytes', 11, bytes(9, 1), 'rlp-integer'],
  ['mix-hash-of-31-bytes', 13, bytes(31), 'rlp-length'],
  ['nonce-of-seven-bytes', 14, bytes(7), 'rlp-length'],
  ['base-fee-with-a-leading-zero', 15, Uint8Array.of(0, 7), 'rlp-integer'],
];

const forkFields: readonly (readonly [name: string, added: readonly Rlp[], check: string])[] = [
  ['withdrawals-root-of-31-bytes', [integerBytes(7n), bytes(31)], 'rlp-length'],
  ['blob-gas-of-nine-bytes', [...added.slice(0, 2), bytes(9, 1)], 'rlp-integer'],
  ['a-22nd-field', [...added, bytes(32)], 'header-fields'],
  ['a-field-that-is-a-list', [[byte(7)]], 'rlp-bytes'],
];

const many = createValidators(129, { from: 100 });
const wrongExtra: readonly (readonly [name: string, attack: string, header: Uint8Array, check: string])[] = [
  [
    'extra-of-six-parts',
    'An extraData of a part more, which no seal covers.',
    sealed(items, [...extra, zero]),
    'extra-shape',
  ],
  ['extra-of-31-bytes-of-vanity', 'A vanity of 31 bytes.', withExtra(0, bytes(31)), 'rlp-length'],
  ['extra-vanity-as-a-list', 'A vanity that is a list.', withExtra(0, [bytes(32)]), 'rlp-bytes'],
  [
    'extra-validators-descending',
    'The validators in another order.',
    withExtra(1, accountsOf(four).map(fromHex).reverse()),
    'extra-order',
  ],
  [
    'extra-a-validator-twice',
    'One validator listed twice, so that it counts as two.',
    withExtra(1, [...accountsOf(four).slice(0, 3), ...accountsOf(four).slice(2, 3)].map(fromHex)),
    'extra-order',
  ],
  ['extra-a-validator-of-19-bytes', 'An address of 19 bytes.', withExtra(1, [bytes(19)]), 'rlp-length'],
  [
    'extra-validators-as-bytes',
    'A string in the place of the list of validators.',
    withExtra(1, bytes(20)),
    'rlp-list',
  ],
  [
    'extra-129-validators',
    'More validators than anybody runs.',
    withExtra(1, accountsOf(many).map(fromHex)),
    'extra-count',
  ],
  ['extra-vote-of-one-part', 'A vote without what it is for.', withExtra(2, [bytes(20)]), 'rlp-bytes'],
  ['extra-vote-of-three-parts', 'A vote of a part more.', withExtra(2, [bytes(20), byte(0), zero]), 'extra-vote'],
  [
    'extra-vote-of-another-kind',
    'A vote that neither adds nor drops.',
    withExtra(2, [bytes(20), byte(1)]),
    'extra-vote',
  ],
  [
    'extra-vote-of-two-bytes',
    'A vote with a byte after its kind: Besu writes one, GoQuorum one or none.',
    withExtra(2, [bytes(20), Uint8Array.of(0xff, 0)]),
    'extra-vote',
  ],
  ['extra-vote-on-19-bytes', 'A vote on an address of 19 bytes.', withExtra(2, [bytes(19), byte(0)]), 'rlp-length'],
  ['extra-vote-as-bytes', 'A string in the place of the vote.', withExtra(2, byte(1)), 'rlp-list'],
  [
    'extra-round-with-a-leading-zero',
    'Round 1 as two bytes: a second form of one block.',
    withExtra(3, Uint8Array.of(0, 1)),
    'rlp-integer',
  ],
  [
    'extra-round-zero-as-a-byte',
    'Round 0 as a byte: a second form of one block.',
    withExtra(3, byte(0)),
    'rlp-integer',
  ],
  ['extra-round-of-five-bytes', 'A round of five bytes.', withExtra(3, bytes(5, 1)), 'rlp-integer'],
];

const dataOf = (header: Uint8Array) => parseHeader(header).extraData;
const rewriteExtra = (data: Uint8Array) => encodeRlp(items.map((item, index) => (index === 12 ? data : item)));
const content = good.subarray(3);

/** Headers in forms that no client writes. */
export const headersFamily: Family = {
  family: 'headers',
  about: 'Headers and extraData that are no canonical RLP, or have fields that no header has.',
  source: 'trailing bytes after a decoded value',
  drafts: [
    ...forks,
    ok('vanity-left-out', withExtra(0, zero)),
    ok('vote-beside', withExtra(2, [bytes(20), byte(0xff)])),
    ok('vote-to-drop-as-goquorum-writes-it', withExtra(2, [bytes(20), zero])),
    ...wrongFields.map(([name, at, by, check]) =>
      bad(name, 'A field of a form that it cannot have.', check, withField(at, by)),
    ),
    ...forkFields.map(([name, more, check]) =>
      bad(name, 'A field of a form that it cannot have.', check, sealed([...items.slice(0, 15), ...more])),
    ),
    bad('14-fields', 'A header without its nonce.', 'header-fields', sealed(items.slice(0, 14))),
    bad('no-fields', 'A header of no fields.', 'header-fields', byte(0xc0)),
    ...wrongExtra.map(([name, attack, header, check]) => bad(name, attack, check, header)),
    bad(
      'extra-of-four-parts',
      'An extraData without seals.',
      'extra-shape',
      rewriteExtra(encodeRlp(extra.slice(0, 4))),
    ),
    bad(
      'extra-129-seals',
      'More seals than anybody needs.',
      'extra-count',
      rewriteExtra(encodeRlp([...extra.slice(0, 4), Array.from({ length: 129 }, () => bytes(65))])),
    ),
    {
      name: 'extra-128-validators',
      attack: 'As many validators as a header may list, sealed by three of the trusted ones.',
      expect: 'QUORUM',
      bundle: withHeader(withExtra(1, accountsOf(many.slice(1)).map(fromHex))),
    },
    bad(
      'extra-128-seals',
      'As many seals as a header may have.',
      'seal-count',
      rewriteExtra(encodeRlp([...extra.slice(0, 4), Array.from({ length: 128 }, () => bytes(65))])),
    ),
    bad(
      'extra-seals-as-bytes',
      'A string in the place of the seals.',
      'rlp-list',
      rewriteExtra(encodeRlp([...extra.slice(0, 4), bytes(65)])),
    ),
    bad(
      'extra-with-a-trailing-byte',
      'A byte after the extraData’s list, which no seal covers.',
      'rlp-trailing',
      rewriteExtra(Uint8Array.from([...dataOf(good), 0])),
    ),
    bad('extra-of-nothing', 'No extraData.', 'rlp-truncated', rewriteExtra(zero)),
    bad(
      'extra-a-string',
      'An extraData of 32 bytes, as other chains have it.',
      'rlp-trailing',
      rewriteExtra(bytes(32)),
    ),
    bad('extra-nested-deeply', 'Lists within lists, to exhaust the stack.', 'rlp-depth', rewriteExtra(nest(20))),
    bad('a-trailing-byte', 'A byte after the header.', 'rlp-trailing', Uint8Array.from([...good, 0])),
    bad('two-headers', 'A header after the header.', 'rlp-trailing', Uint8Array.from([...good, ...good])),
    bad('cut-off', 'A header without its last byte.', 'rlp-truncated', good.subarray(0, -1)),
    bad('empty', 'A header of no bytes.', 'rlp-truncated', zero),
    bad('a-string', 'A string in the place of a header.', 'rlp-list', encodeRlp(good)),
    bad(
      'length-with-a-leading-zero',
      'The list’s length with a zero before it.',
      'rlp-canonical',
      Uint8Array.from([0xfa, 0, ...good.subarray(1, 3), ...content]),
    ),
    bad(
      'length-of-eight-bytes',
      'A length of eight bytes, beyond what an integer holds.',
      'rlp-truncated',
      Uint8Array.from([0xff, ...bytes(8, 0xff), ...content]),
    ),
    bad(
      'length-beyond-the-end',
      'A list that claims more than there is.',
      'rlp-truncated',
      Uint8Array.from([0xf9, 0xff, 0xff, ...content]),
    ),
    bad(
      'length-of-55-written-long',
      'The longest short string with the long form of its length.',
      'rlp-canonical',
      Uint8Array.from([0xf8, 57, 0xb8, 55, ...bytes(55, 1)]),
    ),
    bad('length-written-long', 'A short string with a long form of its length.', 'rlp-canonical', longForm()),
    bad('byte-as-a-string', 'A byte below 0x80 written as a string of one.', 'rlp-canonical', byteAsString()),
    bad(
      'item-beyond-its-list',
      'The last field reaches beyond the end of the list.',
      'rlp-truncated',
      Uint8Array.from([0xc2, 0x83, 1, 2, 3]),
    ),
    bad('as-many-bytes-as-a-header-may-have', 'A header of 32,768 bytes.', 'header-fields', encodeRlp([bytes(32_762)])),
    bad('a-byte-more-than-a-header-may-have', 'A header of 32,769 bytes.', 'header-size', encodeRlp([bytes(32_763)])),
    bad('more-bytes-than-a-header', 'A header of 40,000 bytes.', 'header-size', encodeRlp([bytes(40_000)])),
    bad(
      'more-bytes-than-a-header-may-have-well-formed',
      'A sealed header of 32,769 bytes.',
      'header-size',
      withExtra(0, bytes(33_000)),
    ),
    bad(
      'mix-hash-of-another-consensus',
      'A quorum seals a header that is not QBFT’s: its hash would then cover its seals, and one block would have many.',
      'header-mix',
      withField(13, bytes(32)),
    ),
  ],
};

function nest(depth: number): Uint8Array {
  let item: Rlp = [];
  for (let level = 0; level < depth; level++) item = [item];
  return encodeRlp(item);
}

/** The nonce (8 bytes) with the long form of its length. */
function longForm(): Uint8Array {
  const before = encodeRlp(items.slice(0, 14)).subarray(3);
  const body = Uint8Array.from([...before, 0xb8, 8, ...bytes(8)]);
  return Uint8Array.from([0xf9, body.length >> 8, body.length & 255, ...body]);
}

/** The base fee (7) as a string of one byte. */
function byteAsString(): Uint8Array {
  const before = encodeRlp(items.slice(0, 15)).subarray(3);
  const body = Uint8Array.from([...before, 0x81, 7]);
  return Uint8Array.from([0xf9, body.length >> 8, body.length & 255, ...body]);
}
