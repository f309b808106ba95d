import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { headPreimage } from '../../../chain/light/facts/preimages.ts';
import { createStorageSlots } from '../../../chain/light/facts/storage-slots.ts';
import { fromHex } from '../../../chain/light/hex.ts';
import { encodeRlp, integerBytes, type Rlp } from '../../../chain/light/rlp.ts';
import { nibblesOf } from '../../../chain/light/trie/parse-path.ts';
import { EMPTY_ROOT } from '../../../chain/light/trie/read-trie.ts';
import { device, group, resources, role } from '../../support/test-registry.ts';
import type { Draft, Family } from '../make/draft.ts';
import { claimsOf } from '../make/facts.ts';
import { forge, type Forgery } from '../make/forge.ts';
import { branch, extension, hashOfNode, leaf } from '../make/nodes.ts';
import type { ConfigurationRecord } from '../../../core/ledger/records.ts';

const { keccak256 } = nobleCrypto;
const slots = createStorageSlots(nobleCrypto);
const [resource] = resources;
const record: ConfigurationRecord = {
  resource,
  version: 1n,
  digest: `sha256:${'e0'.repeat(32)}`,
  group,
  status: 'active',
};
const present = claimsOf({ heads: [record] });
const absent = claimsOf({}, { heads: [resource] });
const preimage = present.heads[0]?.head;
if (!preimage) throw new TypeError('no head');
const value = encodeRlp(keccak256(headPreimage(preimage)));
/** The path of the resource's slot in the storage trie. */
const key = [...nibblesOf(keccak256(slots.head(fromHex(resource))))];
const nibble = (index: number) => key[index] ?? 0;
/** Another way than the key's. */
const aside = (index: number, by = 1) => (nibble(index) + by) % 16;
const foreign = new Uint8Array(32).fill(9);
const none = new Uint8Array(0);
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const encoded = (nodes: readonly Rlp[]) => nodes.map((node) => encodeRlp(node));

const rest = leaf(key.slice(1), value);
const forked = [branch({ [nibble(0)]: hashOfNode(rest), [aside(0)]: foreign }), rest];
const strayed = leaf([aside(1), ...key.slice(2)], value);
const deeper = leaf(key.slice(3), value);
const fork = branch({ [nibble(2)]: hashOfNode(deeper), [aside(2)]: foreign });

const member = { role, account: device, until: 5n };
const memberKey = [...nibblesOf(keccak256(slots.member({ role: fromHex(role), account: fromHex(device) })))];
const memberNibble = memberKey[61] ?? 0;
const memberClaims = claimsOf({ members: [member] });
const tiny = leaf(memberKey.slice(62), integerBytes(5n));
const tinyBranch = branch({ [memberNibble]: tiny, [(memberNibble + 1) % 16]: tiny });
const tail = leaf(memberKey.slice(62), integerBytes(5n));

/** Leaves that, with one byte as their value, have 32 and 31 bytes. */
const of32 = leaf(memberKey.slice(8), integerBytes(5n));
const of31 = leaf(memberKey.slice(10), integerBytes(5n));

/** What leads to a child at `depth` of the member's path. */
function above(depth: number, child: Rlp): readonly Rlp[] {
  const at = memberKey[depth] ?? 0;
  const node = branch({ [at]: child, [(at + 1) % 16]: foreign });
  return [extension(memberKey.slice(0, depth), hashOfNode(node)), node];
}

const ok = (
  name: string,
  attack: string,
  nodes: readonly Rlp[],
  claims = present,
  proves: Draft['proves'] = proved,
): Draft => ({
  name,
  attack: `None: ${attack}`,
  expect: 'ok',
  proves,
  bundle: forge({ claims, storageNodes: encoded(nodes) }),
});
const proved: Draft['proves'] = {
  records: { [resource]: { version: '1', digest: record.digest, group, status: record.status } },
};
const provedAbsent: Draft['proves'] = { records: { [resource]: null } };
const provedMember: Draft['proves'] = { members: { [`${role}/${device}`]: '5' } };

const bad = (
  name: string,
  attack: string,
  check: string,
  forgery: Omit<Forgery, 'claims'> & { claims?: Forgery['claims'] },
): Draft => ({
  name,
  attack,
  expect: `PROOF_INVALID/${check}`,
  bundle: forge({ claims: present, ...forgery }),
});
const nodesOf = (...nodes: readonly Rlp[]) => ({ storageNodes: encoded(nodes) });
const [top = none, bottom = none] = encoded(forked);
const root = keccak256(top);

const smallBranch = branch({ 1: leaf([1, 2], Uint8Array.of(5)), 2: leaf([1, 2], Uint8Array.of(5)) });

const malformed: readonly (readonly [name: string, attack: string, node: Rlp, check: string])[] = [
  ['node-of-no-items', 'A node that is an empty list.', [], 'node-shape'],
  ['node-of-one-item', 'A node of one item.', [none], 'node-shape'],
  ['node-of-three-items', 'A node of three items.', [none, none, none], 'node-shape'],
  ['node-of-16-items', 'A branch without a value.', Array.from({ length: 16 }, () => foreign), 'node-shape'],
  [
    'node-of-18-items',
    'A branch of an item more, in which anything may stand.',
    Array.from({ length: 18 }, () => foreign),
    'node-shape',
  ],
  ['node-that-is-a-string', 'A string in the place of a node.', foreign, 'node-shape'],
  [
    'node-that-is-17-bytes',
    'A string of as many bytes as a branch has items.',
    new Uint8Array(17).fill(5),
    'node-shape',
  ],
  ['node-that-is-two-bytes', 'A string of as many bytes as a leaf has items.', Uint8Array.of(0x20, 5), 'node-shape'],
  ['leaf-of-nothing', 'A leaf that holds nothing: is the key there or not?', leaf(key, none), 'leaf-empty'],
  ['leaf-of-a-list', 'A leaf that holds a list.', leaf(key, [foreign]), 'rlp-bytes'],
  [
    'extension-without-a-path',
    'An extension that goes nowhere: endless nodes for one key.',
    extension([], foreign),
    'extension-empty',
  ],
  [
    'extension-to-nothing',
    'An extension that leads to nothing: is the key absent, or the node missing?',
    extension(key.slice(0, 2), none),
    'extension-child',
  ],
  [
    'extension-to-an-inline-leaf',
    'An extension that leads to a leaf: a second form of a leaf.',
    extension(key.slice(0, 62), leaf(key.slice(62), Uint8Array.of(5))),
    'extension-child',
  ],
  [
    'extension-to-an-inline-extension',
    'An extension that leads to an extension: a second form of one.',
    extension(key.slice(0, 61), extension(key.slice(61, 62), smallBranch)),
    'extension-child',
  ],
  [
    'branch-that-leads-one-way',
    'A branch of one way, which a trie would write as an extension.',
    branch({ [nibble(0)]: foreign }),
    'branch-lone',
  ],
  ['branch-that-leads-nowhere', 'A branch that holds a value alone.', branch({ 16: foreign }), 'branch-lone'],
  ['branch-of-nothing', 'A branch of nothing at all.', branch({}), 'branch-lone'],
  [
    'branch-with-a-list-for-a-value',
    'A branch whose value is a list.',
    branch({ 1: foreign, 2: foreign, 16: [foreign] }),
    'rlp-bytes',
  ],
  [
    'reference-of-31-bytes',
    'A reference of 31 bytes.',
    branch({ [nibble(0)]: foreign.subarray(1), [aside(0)]: foreign }),
    'reference-length',
  ],
  [
    'reference-of-33-bytes',
    'A reference of 33 bytes.',
    branch({ [nibble(0)]: new Uint8Array(33), [aside(0)]: foreign }),
    'reference-length',
  ],
  [
    'reference-of-one-byte',
    'A reference of a single byte, which clients with lenient decoders take for an inline node.',
    branch({ [nibble(0)]: Uint8Array.of(5), [aside(0)]: foreign }),
    'reference-length',
  ],
  [
    'reference-of-one-byte-among-hashes',
    'A single byte in a branch that else holds hashes alone, taken for nothing: the key said to be absent.',
    branch({ [nibble(0)]: Uint8Array.of(5), [aside(0)]: foreign, [aside(0, 2)]: foreign }),
    'reference-length',
  ],
  [
    'branch-of-hashes-with-an-empty-list-for-a-value',
    'An empty list in the place of a branch’s value, which has as many bytes as no value.',
    branch({ [aside(0)]: foreign, [aside(0, 2)]: foreign, 16: [] }),
    'rlp-bytes',
  ],
  [
    'large-node-inline',
    'A node of 32 bytes and more inside another one, where a hash should stand.',
    branch({ [nibble(0)]: leaf(key.slice(1), value), [aside(0)]: foreign }),
    'inline-large',
  ],
  [
    'node-of-32-bytes-inline',
    'The smallest node that has a hash, inside its parent.',
    branch({ 1: of32, 2: foreign }),
    'inline-large',
  ],
  [
    'garbage-inline',
    'An inline node of three items.',
    branch({ [nibble(0)]: [none, none, none], [aside(0)]: foreign }),
    'node-shape',
  ],
  [
    'path-with-an-unknown-flag',
    'A path whose first nibble is 4.',
    [Uint8Array.from([0x40, ...packedPath(key)]), value],
    'path-flag',
  ],
  [
    'path-with-flag-15',
    'A path whose first nibble is 15.',
    [Uint8Array.from([0xf0, ...packedPath(key)]), value],
    'path-flag',
  ],
  [
    'path-padded-with-something',
    'An even leaf path padded with 1: a second form of one path.',
    [Uint8Array.from([0x21, ...packedPath(key)]), value],
    'path-padding',
  ],
  [
    'extension-path-padded-with-something',
    'An even extension path padded with 15.',
    [Uint8Array.from([0x0f, ...packedPath(key.slice(0, 2))]), foreign],
    'path-padding',
  ],
  ['path-of-nothing', 'A node without a path: neither leaf nor extension.', [none, value], 'path-length'],
  [
    'path-longer-than-a-key',
    'A path of 66 nibbles.',
    [Uint8Array.from([0x20, ...packedPath(key), 0]), value],
    'path-length',
  ],
  ['path-that-is-a-list', 'A path that is a list.', [[hex('20')], value], 'rlp-bytes'],
  ['lists-as-deep-as-may-be', 'Lists within lists, 16 in all.', nest(15), 'node-shape'],
  ['lists-too-deep-by-one', 'Lists within lists, 17 in all.', nest(16), 'rlp-depth'],
  ['lists-without-end', 'Lists within lists, to exhaust the stack.', nest(20), 'rlp-depth'],
];

const leafValues: readonly (readonly [name: string, attack: string, value: Uint8Array, check: string])[] = [
  ['value-with-a-trailing-byte', 'A byte after the value in its leaf.', Uint8Array.from([...value, 0]), 'rlp-trailing'],
  ['value-twice', 'The value twice in its leaf.', Uint8Array.from([...value, ...value]), 'rlp-trailing'],
  ['value-with-a-leading-zero', 'A slot with a leading zero.', encodeRlp(Uint8Array.of(0, 5)), 'slot-value'],
  [
    'value-zero',
    'A slot that holds 0, which no trie holds: present or absent?',
    encodeRlp(Uint8Array.of(0)),
    'slot-value',
  ],
  ['value-empty', 'A slot that holds nothing: present or absent?', encodeRlp(none), 'slot-value'],
  ['value-of-33-bytes', 'A slot of 33 bytes.', encodeRlp(new Uint8Array(33).fill(1)), 'slot-value'],
  ['value-that-is-a-list', 'A slot that holds a list.', encodeRlp([foreign]), 'rlp-bytes'],
  ['value-as-a-string-of-one', 'A byte below 0x80 written as a string of one.', hex('8105'), 'rlp-canonical'],
  [
    'value-with-a-long-length',
    'A value with the long form of its length.',
    Uint8Array.from([0xb8, 32, ...value.subarray(1)]),
    'rlp-canonical',
  ],
  ['value-cut-off', 'A value that claims more than there is.', value.subarray(0, 20), 'rlp-truncated'],
  ['value-without-rlp', 'A bare hash, not RLP.', Uint8Array.from([5, ...foreign]), 'rlp-trailing'],
];

/** A branch of hashes: 113 bytes of content with three of them, 273 with eight. */
const hashes = (count: number) =>
  encodeRlp(branch(Object.fromEntries(Array.from({ length: count }, (_, index) => [index, foreign]))));
const [threeHashes, eightHashes] = [hashes(3), hashes(8)];

/** What a branch of hashes says of its own length, in other bytes than it must. */
const lengths: readonly (readonly [name: string, what: string, node: Uint8Array, check: string])[] = [
  ['a-byte-more', 'a byte after its end', Uint8Array.from([...threeHashes, 0x80]), 'rlp-trailing'],
  ['a-length-less-one', 'a length that is one too small', restated(threeHashes, 'f870'), 'rlp-trailing'],
  ['a-length-and-one', 'a length that is one too large', restated(threeHashes, 'f872'), 'rlp-truncated'],
  ['a-length-in-two-bytes', 'a leading zero in its length', restated(threeHashes, 'f90071'), 'rlp-canonical'],
  ['a-length-moved-up', 'a length whose bytes are swapped', restated(threeHashes, 'f97100'), 'rlp-truncated'],
  [
    'a-length-that-needs-no-byte',
    'one hash alone and a length in a byte of its own',
    longForm(branch({ [aside(0)]: foreign })),
    'rlp-canonical',
  ],
  ['a-long-length-less-one', 'a length that is one too small', restated(eightHashes, 'f90110'), 'rlp-trailing'],
  ['a-long-length-and-256', 'a length that is 256 too large', restated(eightHashes, 'f90211'), 'rlp-truncated'],
];

/** The storage trie's nodes: present, absent, missing, or none that a trie could hold. */
export const trieFamily: Family = {
  family: 'trie',
  about: 'Nodes of Merkle-Patricia tries under a state root that a quorum sealed.',
  source: 'ambiguous short nodes of Merkle-Patricia verifiers',
  drafts: [
    ok('present-in-a-lone-leaf', 'the only slot.', [leaf(key, value)]),
    ok('present-below-a-branch', 'a slot beside another one.', forked),
    ok('present-below-an-extension', 'slots that share the beginning of their paths.', [
      extension(key.slice(0, 2), hashOfNode(fork)),
      fork,
      deeper,
    ]),
    ok(
      'present-inline',
      'a node of less than 32 bytes stands inside its parent.',
      [extension(memberKey.slice(0, 61), tinyBranch)],
      memberClaims,
      provedMember,
    ),
    ok(
      'present-inline-below-a-branch-by-hash',
      'an inline leaf in a branch of its own.',
      wideBranch(),
      memberClaims,
      provedMember,
    ),
    ok(
      'present-in-a-node-of-32-bytes',
      'the smallest node that has a hash.',
      [...above(7, hashOfNode(of32)), of32],
      memberClaims,
      provedMember,
    ),
    ok(
      'present-in-a-node-of-31-bytes',
      'the largest node that stands inside its parent.',
      above(9, of31),
      memberClaims,
      provedMember,
    ),
    ok(
      'present-at-the-end-of-the-key',
      'a value that stands in a branch (Yellow Paper, appendix D).',
      endBranch({ 16: value }),
      present,
    ),
    ok('absent-under-the-empty-root', 'a registry that holds nothing.', [], absent, provedAbsent),
    ok(
      'absent-another-leaf',
      'the only slot is another one.',
      [leaf([aside(0), ...key.slice(1)], value)],
      absent,
      provedAbsent,
    ),
    ok(
      'absent-a-leaf-that-ends-otherwise',
      'a leaf whose path is the key’s but for its end.',
      [leaf([...key.slice(0, 63), aside(63)], value)],
      absent,
      provedAbsent,
    ),
    ok(
      'absent-an-empty-way',
      'a branch has nothing on the key’s way.',
      [branch({ [aside(0)]: foreign, [aside(0, 2)]: foreign })],
      absent,
      provedAbsent,
    ),
    ok(
      'absent-below-a-branch',
      'a branch leads to the leaf of another key.',
      [branch({ [nibble(0)]: hashOfNode(strayed), [aside(0)]: foreign }), strayed],
      absent,
      provedAbsent,
    ),
    ok(
      'absent-beside-an-extension',
      'an extension goes another way.',
      [extension([nibble(0), aside(1)], hashOfNode(fork))],
      absent,
      provedAbsent,
    ),
    ok(
      'absent-at-the-end-of-the-key',
      'a branch at the end of the key holds no value.',
      endBranch({ 2: foreign }),
      absent,
      provedAbsent,
    ),
    {
      ...bad('missing-leaf', 'The leaf is left out of a proof of presence.', 'node-missing', {
        storageRoot: root,
        storageNodes: [top],
      }),
      source: 'node missing taken for key absent',
    },
    {
      ...bad(
        'missing-leaf-passed-off-as-absent',
        'The leaf is left out, and the key said to be absent.',
        'node-missing',
        { claims: absent, storageRoot: root, storageNodes: [top] },
      ),
      source: 'node missing taken for key absent',
    },
    {
      ...bad(
        'missing-root-passed-off-as-absent',
        'All of the storage trie is left out, and the key said to be absent.',
        'node-missing',
        { claims: absent, storageRoot: root, storageNodes: [] },
      ),
      source: 'node missing taken for key absent',
    },
    {
      ...bad('missing-node-between', 'A node between root and leaf is left out.', 'node-hash', {
        ...nodesOf(extension(key.slice(0, 2), hashOfNode(fork)), deeper),
      }),
      source: 'node missing taken for key absent',
    },
    {
      ...bad(
        'root-of-zeros',
        'A storage root of zeros, and no nodes: an unset variable taken for an empty trie.',
        'node-missing',
        { claims: absent, storageRoot: new Uint8Array(32), storageNodes: [] },
      ),
      source: 'node missing taken for key absent',
    },
    {
      ...bad('empty-root-and-a-node', 'A node beside the empty root.', 'node-extra', {
        claims: absent,
        storageRoot: EMPTY_ROOT,
        storageNodes: [Uint8Array.of(0x80)],
      }),
      source: 'extra proof nodes',
    },
    {
      ...bad('empty-root-and-a-proof', 'A whole proof beside the empty root.', 'fact-invented', {
        storageRoot: EMPTY_ROOT,
        storageNodes: [top, bottom],
      }),
      source: 'a proof not tied to the root',
    },
    {
      ...bad('node-of-the-empty-trie-by-hash', 'The empty root with the node that it is the hash of.', 'node-extra', {
        claims: absent,
        storageNodes: [Uint8Array.of(0x80)],
      }),
      source: 'extra proof nodes',
    },
    {
      ...bad('an-extra-node', 'A node that nothing needs, at the end.', 'node-extra', {
        storageRoot: root,
        storageNodes: [top, bottom, encodeRlp(strayed)],
      }),
      source: 'extra proof nodes',
    },
    {
      ...bad('an-extra-node-between', 'A node that nothing needs, in the middle.', 'node-hash', {
        storageRoot: root,
        storageNodes: [top, encodeRlp(strayed), bottom],
      }),
      source: 'extra proof nodes',
    },
    {
      ...bad('a-node-twice', 'The leaf twice.', 'node-extra', {
        storageRoot: root,
        storageNodes: [top, bottom, bottom],
      }),
      source: 'duplicate proof nodes',
    },
    {
      ...bad('the-root-twice', 'The root twice.', 'node-hash', { storageRoot: root, storageNodes: [top, top, bottom] }),
      source: 'duplicate proof nodes',
    },
    {
      ...bad('nodes-in-another-order', 'Leaf before root.', 'node-hash', {
        storageRoot: root,
        storageNodes: [bottom, top],
      }),
      source: 'reordered proof nodes',
    },
    {
      ...bad(
        'proof-of-another-root',
        'A proof that is whole in itself, under another root than the account’s.',
        'node-hash',
        { storageRoot: foreign, storageNodes: [top, bottom] },
      ),
      source: 'a proof not tied to the root',
    },
    {
      ...bad('leaf-as-the-root', 'The leaf alone, in the place of the root.', 'node-hash', {
        storageRoot: root,
        storageNodes: [bottom],
      }),
      source: 'a proof not tied to the root',
    },
    bad('altered-leaf', 'A bit of the leaf’s value is flipped.', 'node-hash', {
      storageRoot: root,
      storageNodes: [top, Uint8Array.from(bottom, (byte, at) => (at === bottom.length - 1 ? byte ^ 1 : byte))],
    }),
    bad('altered-root', 'A bit of the root node is flipped.', 'node-hash', {
      storageRoot: root,
      storageNodes: [Uint8Array.from(top, (byte, at) => (at === top.length - 2 ? byte ^ 1 : byte)), bottom],
    }),
    bad(
      'leaf-on-another-way',
      'The leaf hangs on another way than its key’s.',
      'fact-invented',
      nodesOf(branch({ [aside(0)]: hashOfNode(rest), [aside(0, 2)]: foreign })),
    ),
    bad(
      'leaf-of-a-shorter-path',
      'A leaf whose path lacks its first nibble.',
      'fact-invented',
      nodesOf(leaf(key.slice(1), value)),
    ),
    bad(
      'leaf-of-a-longer-path',
      'A leaf whose path is a nibble longer than the key.',
      'fact-invented',
      nodesOf(leaf([...key, 0], value)),
    ),
    bad(
      'leaf-of-no-path',
      'A leaf without a path at the root: every key’s leaf to a lenient reader.',
      'fact-invented',
      nodesOf(leaf([], value)),
    ),
    bad(
      'leaf-of-a-prefix',
      'A leaf whose path is the key’s beginning.',
      'fact-invented',
      nodesOf(leaf(key.slice(0, 32), value)),
    ),
    bad(
      'extension-for-a-leaf',
      'An extension over the whole key, the value where its child stands.',
      'node-missing',
      nodesOf(extension(key, keccak256(headPreimage(preimage)))),
    ),
    bad(
      'extension-over-the-end',
      'An extension of a nibble more than the key has.',
      'fact-invented',
      nodesOf(extension([...key, 0], foreign)),
    ),
    bad('leaf-for-an-extension', 'A leaf that holds the hash of the branch that it should lead to.', 'fact-invented', {
      storageNodes: encoded([leaf(key.slice(0, 2), hashOfNode(fork))]),
    }),
    bad('small-node-by-hash', 'A leaf of less than 32 bytes with a hash: a second form of its parent.', 'node-short', {
      claims: memberClaims,
      ...nodesOf(
        branch({ [memberKey[0] ?? 0]: hashOfNode(shortLeaf()), [((memberKey[0] ?? 0) + 1) % 16]: foreign }),
        shortLeaf(),
      ),
    }),
    bad(
      'extension-to-a-leaf-by-hash',
      'An extension that leads to a leaf by its hash.',
      'extension-child',
      nodesOf(extension(key.slice(0, 1), hashOfNode(rest)), rest),
    ),
    bad(
      'extension-to-an-extension-by-hash',
      'An extension that leads to an extension by its hash.',
      'extension-child',
      nodesOf(
        extension(key.slice(0, 1), hashOfNode(extension(key.slice(1, 2), hashOfNode(fork)))),
        extension(key.slice(1, 2), hashOfNode(fork)),
      ),
    ),
    bad('node-with-a-trailing-byte', 'A byte after a node.', 'rlp-trailing', {
      storageNodes: [Uint8Array.from([...encodeRlp(leaf(key, value)), 0])],
    }),
    bad('node-in-a-long-form', 'A node with the long form of a short length.', 'rlp-canonical', {
      storageNodes: [longForm(leaf(key.slice(0, 20), Uint8Array.of(5)))],
    }),
    bad('node-cut-off', 'A node that ends early.', 'rlp-truncated', {
      storageNodes: [encodeRlp(leaf(key, value)).subarray(0, -1)],
    }),
    bad('node-of-nothing', 'A node of no bytes.', 'rlp-truncated', { storageNodes: [none] }),
    ...malformed.map(([name, attack, node, check]) => bad(name, attack, check, nodesOf(node))),
    ...leafValues.map(([name, attack, by, check]) => bad(name, attack, check, nodesOf(leaf(key, by)))),
    ...lengths.map(([name, what, node, check]) =>
      bad(`hashes-with-${name}`, `A branch of hashes with ${what}: a second form of a node.`, check, {
        claims: absent,
        storageNodes: [node],
      }),
    ),
    bad(
      'a-fact-altered',
      'The slot holds something else than the record’s hash.',
      'fact-altered',
      nodesOf(leaf(key, encodeRlp(foreign))),
    ),
    bad(
      'a-fact-cut-off',
      'The slot holds the end of the record’s hash.',
      'fact-altered',
      nodesOf(leaf(key, encodeRlp(value.subarray(2)))),
    ),
  ],
};

function packedPath(nibbles: readonly number[]): readonly number[] {
  return Array.from(
    { length: nibbles.length / 2 },
    (_, index) => (nibbles[2 * index] ?? 0) * 16 + (nibbles[2 * index + 1] ?? 0),
  );
}

/** A list of two or more bytes of length under another header. */
function restated(list: Uint8Array, header: string): Uint8Array {
  return Uint8Array.from([...hex(header), ...list.subarray(list[0] === 0xf9 ? 3 : 2)]);
}

function nest(depth: number): Rlp {
  let item: Rlp = [];
  for (let level = 0; level < depth; level++) item = [item];
  return item;
}

/** A list of less than 56 bytes with its length in a byte of its own. */
function longForm(node: Rlp): Uint8Array {
  const bytes = encodeRlp(node);
  return Uint8Array.from([0xf8, bytes.length - 1, ...bytes.subarray(1)]);
}

/** A leaf of less than 32 bytes where its parent, a branch at the root, should have had it inline. */
function shortLeaf(): Rlp {
  return leaf(memberKey.slice(1, 21), integerBytes(5n));
}

/** A branch at the end of the key. */
function endBranch(children: Readonly<Record<number, Rlp>>): readonly Rlp[] {
  const end = branch({ 1: foreign, ...children });
  return [extension(key, hashOfNode(end)), end];
}

/** A branch of 32 bytes and more that holds the member's leaf inline. */
function wideBranch(): readonly Rlp[] {
  const wide = branch({ [memberNibble]: tail, [(memberNibble + 1) % 16]: foreign });
  return [extension(memberKey.slice(0, 61), hashOfNode(wide)), wide];
}
