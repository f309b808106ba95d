import { encode } from 'cborg';
import { decodeBundle } from '../../../chain/light/bundle/decode-bundle.ts';
import { MAX_PROOF_BYTES } from '../../../chain/light/bundle/limits.ts';
import { EMPTY_ROOT } from '../../../chain/light/trie/read-trie.ts';
import { four, qbftBundle } from '../../support/test-bundles.ts';
import { group, resources } from '../../support/test-registry.ts';
import { claimsOf, factsBundle } from '../make/facts.ts';
import { forge } from '../make/forge.ts';
import type { Draft, Family } from '../make/draft.ts';
import type { FiledBytes } from '../vector.ts';

const good = qbftBundle(four);
const rest = good.subarray(1);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const repeated = (head: string, insert: string, times: number, tail = ''): FiledBytes => ({
  edits: [{ at: 0, insert: head }, { at: 0, insert, times }, ...(tail === '' ? [] : [{ at: 0, insert: tail }])],
});

const bad = (
  name: string,
  attack: string,
  bundle: Uint8Array | FiledBytes,
  expect = 'SCHEMA',
  source?: string,
): Draft => ({
  name,
  attack,
  expect,
  bundle,
  ...(source !== undefined && { source }),
});

/** The nine parts of a bundle of nothing, one of them another one. */
const parts = (at: number, by: unknown) =>
  encode([1, [], new Uint8Array(0), null, [], [], [], [], []].map((part, index) => (index === at ? by : part)));
const word = new Uint8Array(32);
const address = new Uint8Array(20);
const from = (...bytes: readonly number[]) => Uint8Array.from([...bytes, ...rest]);
const swapped = Uint8Array.from(good);
swapped[1] = 0;

const [resource] = resources;
const ofVersion = (version: bigint) =>
  factsBundle({ heads: [{ resource, version, digest: `sha256:${'aa'.repeat(32)}`, group, status: 'active' }] });

/** The record's version of `short` bytes, written as the number that `long` is. */
function rewritten(version: bigint, { short, long }: { readonly short: number; readonly long: string }): Uint8Array {
  const bundle = Buffer.from(ofVersion(version));
  const at = bundle.indexOf(Buffer.from(resource.slice(2), 'hex')) + 32;
  const more = Buffer.from(long, 'hex');
  return new Uint8Array(Buffer.concat([bundle.subarray(0, at), more, bundle.subarray(at + short)]));
}

/** The first number of each length, and numbers written longer than they must be. */
const versionForms: readonly Draft[] = [
  ...[24n, 256n, 65_536n, 2n ** 32n].map((version): Draft => ({
    name: `a-record-of-version-${version.toString()}`,
    attack: 'None: a version in its one form.',
    expect: 'ok',
    bundle: ofVersion(version),
    proves: {
      records: {
        [resource]: { version: version.toString(), digest: `sha256:${'aa'.repeat(32)}`, group, status: 'active' },
      },
    },
  })),
  ...(
    [
      [23n, 1, '1817', 'two'],
      [65_535n, 3, '1a0000ffff', 'five'],
      [2n ** 32n - 1n, 5, '1b00000000ffffffff', 'nine'],
      [3n, 1, '1b0000000000000003', 'nine'],
    ] as const
  ).map(([version, short, long, bytes]) =>
    bad(
      `a-record-of-version-${version.toString()}-in-${bytes}-bytes`,
      'A version written longer than it must be: a second form of one bundle.',
      rewritten(version, { short, long }),
    ),
  ),
];

const wrongParts: readonly (readonly [name: string, attack: string, at: number, by: unknown])[] = [
  ['version-0', 'A version before the first.', 0, 0],
  ['version-2', 'A version that this release does not know.', 0, 2],
  ['version-2-to-the-64', 'A version beyond all.', 0, 2n ** 64n - 1n],
  ['version-as-bytes', 'A version that is a string.', 0, Uint8Array.of(1)],
  ['changes-as-bytes', 'A string in the place of the changes.', 1, word],
  ['changes-of-null', 'Nothing in the place of the changes.', 1, null],
  ['a-change-of-null', 'Nothing in the place of a change.', 1, [null]],
  ['header-of-null', 'No header.', 2, null],
  ['header-as-a-number', 'A number in the place of the header.', 2, 5],
  ['header-as-a-list', 'A list in the place of the header.', 2, []],
  ['note-as-a-list', 'A list in the place of the note.', 3, []],
  ['note-as-a-number', 'A number in the place of the note.', 3, 0],
  ['resource-of-31-bytes', 'A resource of 31 bytes.', 4, [[word.subarray(1)]]],
  ['resource-of-33-bytes', 'A resource of 33 bytes.', 4, [[new Uint8Array(33)]]],
  ['record-of-no-parts', 'A record of no parts.', 4, [[]]],
  ['record-of-two-parts', 'Half a record: present or absent?', 4, [[word, 1]]],
  ['record-of-six-parts', 'A record of a part more.', 4, [[word, 1, word, word, 1, 1]]],
  ['record-with-a-null-version', 'A record without a version.', 4, [[word, null, word, word, 1]]],
  ['record-with-a-digest-of-31-bytes', 'A digest of 31 bytes.', 4, [[word, 1, word.subarray(1), word, 1]]],
  ['record-with-a-group-of-33-bytes', 'A group of 33 bytes.', 4, [[word, 1, word, new Uint8Array(33), 1]]],
  [
    'record-with-status-256',
    'A status beyond a byte: cut off, it would be another one.',
    4,
    [[word, 1, word, word, 257]],
  ],
  ['account-of-32-bytes', 'A device’s account of 32 bytes.', 5, [[word]]],
  ['device-of-four-parts', 'A device without its profile.', 5, [[address, 1, word, 1]]],
  [
    'device-with-kind-256',
    'A kind beyond a byte: cut off, it would be another one.',
    5,
    [[address, 257, word, 1, word]],
  ],
  [
    'device-with-a-profile-of-31-bytes',
    'A profile’s digest of 31 bytes.',
    5,
    [[address, 1, word, 1, word.subarray(1)]],
  ],
  ['grant-of-one-part', 'A grant of nobody.', 6, [[word]]],
  ['grant-of-three-parts', 'A grant of a part more.', 6, [[word, word, word]]],
  ['grant-to-20-bytes', 'A grant to a bare account.', 6, [[word, address]]],
  ['member-of-32-bytes', 'A member of 32 bytes.', 7, [[word, word]]],
  ['node-of-null', 'Nothing in the place of a node.', 8, [null]],
  ['node-as-a-number', 'A number in the place of a node.', 8, [5]],
];

/** A bundle of one absent record with an empty part behind it, which moves all parts after it by one. */
function shifted(): Uint8Array {
  const { header, nodes } = decodeBundle(
    forge({ claims: claimsOf({}, { heads: [resource] }), storageRoot: EMPTY_ROOT, storageNodes: [] }),
  );
  const absent = Buffer.from(resource.slice(2), 'hex');
  return encode([1, [], header, null, [[absent, []]], [], [], nodes, []]);
}

/** Bytes that are no bundle. */
export const frameFamily: Family = {
  family: 'frame',
  about: 'The CBOR around a bundle: one form only, capped, whole.',
  source: 'trailing bytes after a decoded value',
  drafts: [
    bad(
      'a-record-with-an-empty-part',
      'A record of two parts, of which the second is taken for the next list.',
      shifted(),
    ),
    ...versionForms,
    bad('no-bytes', 'Nothing.', new Uint8Array(0)),
    bad('a-byte', 'One byte.', Uint8Array.of(0x89)),
    bad('text-instead', 'An error page in the place of a bundle.', {
      text: '<html><body>502 Bad Gateway</body></html>',
    }),
    bad('json-instead', 'JSON in the place of a bundle.', { text: '[1,[],"",null,[],[],[],[],[]]' }),
    bad('a-trailing-byte', 'A byte after the bundle.', Uint8Array.from([...good, 0])),
    bad('a-bundle-after-the-bundle', 'A bundle after the bundle.', {
      base: 'four-validators',
      edits: [{ at: good.length, insert: hex(parts(0, 1)) }],
    }),
    bad('cut-off', 'A bundle without its last byte.', good.subarray(0, -1)),
    bad('cut-in-half', 'Half a bundle.', good.subarray(0, good.length >> 1), 'SCHEMA', 'Uptane: partial bundle'),
    bad('a-byte-before', 'A byte before the bundle.', Uint8Array.from([0, ...good])),
    bad('a-tag', 'A bundle with the tag that says “this is CBOR”.', Uint8Array.from([0xd9, 0xd9, 0xf7, ...good])),
    bad('a-tag-inside', 'A tag on the version.', from(0x89, 0xc0)),
    bad('indefinite-list', 'The list without its length.', Uint8Array.from([0x9f, ...rest, 0xff])),
    bad(
      'indefinite-string',
      'The header as an indefinite string.',
      Uint8Array.from([0x89, 1, 0x80, 0x5f, 0x41, 1, 0xff, 0xf6, 0x80, 0x80, 0x80, 0x80, 0x80]),
    ),
    bad('length-of-two-bytes', 'The list’s length in a byte more than it needs.', from(0x98, 9)),
    bad('length-of-three-bytes', 'The list’s length in two bytes more.', from(0x99, 0, 9)),
    bad('length-of-nine-bytes', 'The list’s length in eight bytes more.', from(0x9b, 0, 0, 0, 0, 0, 0, 0, 9)),
    bad(
      'version-in-two-bytes',
      'The version in a byte more than it needs.',
      Uint8Array.from([0x89, 0x18, 1, ...good.subarray(2)]),
    ),
    bad('reserved-length', 'A length of a form that is reserved.', from(0x9c)),
    bad('a-map', 'A map in the place of the list.', encode({ version: 1 })),
    bad('a-map-inside', 'A map among the parts.', parts(4, [new Map([[1, 2]])])),
    bad('text-inside', 'Text among the parts.', parts(2, 'header')),
    bad('a-float', 'The version as a float.', from(0x89, 0xf9, 0x3c, 0x00)),
    bad(
      'a-float-of-eight-bytes',
      'The version as a double.',
      Uint8Array.from([0x89, 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, ...good.subarray(2)]),
    ),
    bad('not-a-number', 'NaN for a version.', Uint8Array.from([0x89, 0xf9, 0x7e, 0x00, ...good.subarray(2)])),
    bad('a-negative-number', 'The version as a negative number.', Uint8Array.from([0x89, 0x20, ...good.subarray(2)])),
    bad('true', 'A boolean in the place of the version.', Uint8Array.from([0x89, 0xf5, ...good.subarray(2)])),
    bad('undefined', 'Undefined in the place of the note.', parts(3, undefined)),
    bad('a-big-number', 'The version as a bignum.', Uint8Array.from([0x89, 0xc2, 0x41, 1, ...good.subarray(2)])),
    bad('a-break', 'A break without anything to break.', Uint8Array.of(0xff)),
    bad('eight-parts', 'A bundle without nodes.', encode([1, [], word, null, [], [], [], []])),
    bad('ten-parts', 'A bundle of a part more.', Uint8Array.from([0x8a, ...rest, 0x80])),
    bad('another-version-of-a-good-bundle', 'A good bundle that says it is of version 0.', swapped),
    ...wrongParts.map(([name, attack, at, by]) => bad(name, attack, parts(at, by))),
    bad('five-levels', 'Lists within lists.', Uint8Array.of(0x81, 0x81, 0x81, 0x81, 0x81, 0x80), 'TOO_DEEP'),
    bad('four-levels', 'One list too deep.', Uint8Array.of(0x81, 0x81, 0x81, 0x81, 0), 'TOO_DEEP'),
    bad(
      'four-million-levels',
      'Lists within lists, to exhaust the stack.',
      repeated('', '81', MAX_PROOF_BYTES - 1, '80'),
      'TOO_DEEP',
      'TUF: endless data',
    ),
    bad(
      'four-billion-parts',
      'A list that claims four billion parts, to have memory set aside.',
      Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'two-to-the-64-parts',
      'A list that claims 2^64 - 1 parts.',
      Uint8Array.from([0x9b, ...new Uint8Array(8).fill(0xff)]),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'four-billion-bytes',
      'A string that claims four billion bytes.',
      Uint8Array.of(0x5a, 0xff, 0xff, 0xff, 0xff),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'two-to-the-64-bytes',
      'A string that claims 2^64 - 1 bytes.',
      Uint8Array.from([0x89, 1, 0x80, 0x5b, ...new Uint8Array(8).fill(0xff)]),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad('length-cut-off', 'A length that ends early.', Uint8Array.of(0x99, 1), 'SCHEMA'),
    bad(
      'too-many-parts',
      'Three million parts, which would be as many objects.',
      repeated('9a00300000', '00', 0x30_0000),
      'ENDLESS_DATA',
      'TUF: endless data',
    ),
    bad(
      'too-many-parts-by-one',
      '200,001 parts in all.',
      repeated('9a00030d40', '00', 200_000),
      'ENDLESS_DATA',
      'TUF: endless data',
    ),
    bad(
      'as-many-parts-as-may-be',
      '200,000 parts in all, which are no bundle.',
      repeated('9a00030d3f', '00', 199_999),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'a-byte-more-than-any-bundle',
      'More bytes than any bundle, all zero.',
      repeated('', '00', MAX_PROOF_BYTES + 1),
      'ENDLESS_DATA',
      'TUF: endless data',
    ),
    bad(
      'as-many-bytes-as-any-bundle',
      'As many bytes as a bundle may have, all zero.',
      repeated('', '00', MAX_PROOF_BYTES),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'a-header-of-four-megabytes',
      'A bundle whose header is as large as a bundle.',
      repeated(
        `8901805a${(MAX_PROOF_BYTES - 14).toString(16).padStart(8, '0')}`,
        '00',
        MAX_PROOF_BYTES - 14,
        'f68080808080',
      ),
      'PROOF_INVALID/header-size',
      'TUF: endless data',
    ),
    bad(
      'a-thousand-and-24-changes',
      'As many changes as may be, each of no bytes.',
      repeated('8901990400', '40', 1024, '40f68080808080'),
      'PROOF_INVALID/rlp-truncated',
      'TUF: endless data',
    ),
    bad(
      'a-thousand-and-25-changes',
      'A change more than may be: past that a new anchor is due.',
      repeated('8901990401', '40', 1025, '40f68080808080'),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'too-many-resources',
      '8,193 resources.',
      repeated('89018040f6992001', `815820${'00'.repeat(32)}`, 8193, '80808080'),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'too-many-devices',
      '8,193 devices.',
      repeated('89018040f680992001', `8154${'00'.repeat(20)}`, 8193, '808080'),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'too-many-grants',
      '8,193 grants.',
      repeated('89018040f68080992001', `825820${'00'.repeat(32)}5820${'00'.repeat(32)}`, 8193, '8080'),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'too-many-members',
      '8,193 memberships.',
      repeated('89018040f6808080992001', `825820${'00'.repeat(32)}54${'00'.repeat(20)}`, 8193, '80'),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad(
      'too-many-nodes',
      '65,537 nodes.',
      repeated('89018040f6808080809a00010001', '40', 65_537),
      'SCHEMA',
      'TUF: endless data',
    ),
    bad('an-empty-bundle', 'A bundle in which everything is empty.', parts(0, 1), 'PROOF_INVALID/rlp-truncated'),
  ],
};
