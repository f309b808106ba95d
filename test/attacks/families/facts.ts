import { decodeBundle } from '../../../chain/light/bundle/decode-bundle.ts';
import type { ProofBundle } from '../../../chain/light/bundle/proof-bundle.ts';
import { encodeBundle } from '../../../chain/light/bundle/encode-bundle.ts';
import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { devicePreimage, headPreimage } from '../../../chain/light/facts/preimages.ts';
import { createStorageSlots } from '../../../chain/light/facts/storage-slots.ts';
import { fromHex, toHex } from '../../../chain/light/hex.ts';
import { encodeRlp, integerBytes } from '../../../chain/light/rlp.ts';
import { ANYONE, ANY_RESOURCE } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import { four, qbftBundle, tamper } from '../../support/test-bundles.ts';
import { absentResource, device, group, resources, role } from '../../support/test-registry.ts';
import { buildTrie } from '../../support/trie-builder.ts';
import type { Draft, Family } from '../make/draft.ts';
import { claimsOf, factsBundle } from '../make/facts.ts';
import { forge } from '../make/forge.ts';

const { keccak256 } = nobleCrypto;
const slots = createStorageSlots(nobleCrypto);
const good = qbftBundle(four);
const [climate, revoked, third] = resources;
const peer = `0x${'d2'.repeat(20)}` as const;
const stranger = `0x${'ee'.repeat(20)}` as const;
const word = new Uint8Array(32).fill(0xab);

const [lowRole, highRole] = [`0x${'01'.repeat(32)}`, `0x${'fe'.repeat(32)}`] as const;
const twoOf = (of: typeof role) => [
  { role: of, account: peer, until: 5n },
  { role: of, account: stranger, until: 6n },
];
/** The first role's member has the later account. */
const crossed = [
  { role: lowRole, account: stranger, until: 6n },
  { role: highRole, account: peer, until: 5n },
];

type Change = (parts: ProofBundle) => Partial<ProofBundle>;
const bad = (name: string, attack: string, check: string, change: Change): Draft => ({
  name,
  attack,
  expect: `PROOF_INVALID/${check}`,
  bundle: tamper(good, change),
});

/** Changes the heads' preimages where there is one. */
const heads =
  (change: (head: NonNullable<ProofBundle['heads'][number]['head']>) => object, of: string = revoked): Change =>
  ({ heads: all }) => ({
    heads: all.map(({ resource, head }) => ({
      resource,
      head: head && toHex(resource) === of ? { ...head, ...change(head) } : head,
    })),
  });
const devices =
  (change: object, of: string = peer): Change =>
  ({ devices: all }) => ({
    devices: all.map(({ account, device: found }) => ({
      account,
      device: found && toHex(account) === of ? { ...found, ...change } : found,
    })),
  });

/** One slot that holds `value`, whatever it is, under good seals. */
function slotHolds(slot: Uint8Array, value: Uint8Array, claims: Parameters<typeof forge>[0]['claims']): Uint8Array {
  const trie = buildTrie([[keccak256(slot), encodeRlp(value)]]);
  return forge({ claims, storageRoot: trie.root, storageNodes: trie.nodes });
}
const grantKeys = { resource: climate, subject: ANYONE };
const grantSlot = slots.grant({ resource: fromHex(climate), subject: fromHex(ANYONE) });
const packing = (name: string, attack: string, hex: string): Draft => ({
  name,
  attack,
  expect: 'PROOF_INVALID/grant-packing',
  bundle: slotHolds(grantSlot, new Uint8Array(Buffer.from(hex, 'hex')), claimsOf({}, { grants: [grantKeys] })),
});
const granted = (name: string, hex: string, proves: object): Draft => ({
  name,
  attack: 'None: a grant as the registry packs it.',
  expect: 'ok',
  proves: { grants: { [`${climate}/${ANYONE}`]: proves as never } },
  bundle: slotHolds(grantSlot, new Uint8Array(Buffer.from(hex, 'hex')), claimsOf({}, { grants: [grantKeys] })),
});

const headWith = (status: number) => ({ version: 1n, digest: word, group: word, status });
const headEnum = (status: number): Uint8Array => {
  const claims = { ...claimsOf({}), heads: [{ resource: word, head: headWith(status) }] };
  return slotHolds(slots.head(word), keccak256(headPreimage(headWith(status))), claims);
};
const deviceEnum = (kind: number, status: number): Uint8Array => {
  const account = word.subarray(12);
  const held = { kind, group: word, status, profile: word };
  return slotHolds(slots.device(account), keccak256(devicePreimage(held)), {
    ...claimsOf({}),
    devices: [{ account, device: held }],
  });
};
const unknown = (name: string, bundle: Uint8Array, expect = 'PROOF_INVALID/fact-enum'): Draft => ({
  name,
  attack:
    'A kind or status that this release does not know, even though the ledger holds it: it must not be taken for another.',
  expect,
  bundle,
});

const digest = (byte: string) => `sha256:${byte.repeat(32)}` as const;
const tenant: Draft['proves'] = {
  height: '500',
  records: {
    [climate]: { version: '1', digest: digest('e0'), group, status: 'active' },
    [revoked]: { version: (2n ** 40n + 1n).toString(), digest: digest('e1'), group, status: 'revoked' },
    [third]: { version: (2n ** 41n + 1n).toString(), digest: digest('e2'), group, status: 'active' },
    [absentResource]: null,
  },
  devices: {
    [device]: { kind: 'edge', group, status: 'active', profile: digest('07') },
    [peer]: { kind: 'dew', group, status: 'suspended', profile: null },
  },
  grants: {
    [`${climate}/${ANYONE}`]: null,
    [`${climate}/${role}`]: { actions: ['read', 'invoke'], offline: true, expiresAt: NEVER.toString() },
    [`${ANY_RESOURCE}/${ANYONE}`]: { actions: ['read', 'invoke'], offline: false, expiresAt: '5' },
  },
  members: { [`${role}/${stranger}`]: '1900000000' },
};

/** A bundle of another block, whose facts are put under the good one's header. */
const other = decodeBundle(
  factsBundle({ heads: [{ resource: climate, version: 7n, digest: digest('aa'), group, status: 'active' }] }),
);

/** What a bundle says of the ledger, held against its slots. */
export const factsFamily: Family = {
  family: 'facts',
  about: 'Records, devices, grants and memberships that are hidden, invented, altered, repeated or moved.',
  source: 'TUF: arbitrary software',
  drafts: [
    {
      name: 'tenant',
      attack: 'None: all that there is to say of a tenant.',
      expect: 'ok',
      proves: tenant,
      bundle: good,
    },
    {
      name: 'nothing-told',
      attack: 'None: a bundle may say nothing but which block is newest.',
      expect: 'ok',
      proves: { height: '500' },
      bundle: factsBundle({}, { told: {} }),
    },
    {
      name: 'no-membership',
      attack: 'None: a membership that is proved to be absent.',
      expect: 'ok',
      proves: { members: { [`${role}/${device}`]: null } },
      bundle: factsBundle({}, { told: {}, absent: { members: [{ role, account: device }] } }),
    },
    {
      name: 'two-members-of-one-role',
      attack: 'None: memberships of one role, in the order of their accounts.',
      expect: 'ok',
      proves: { members: { [`${role}/${peer}`]: '5', [`${role}/${stranger}`]: '6' } },
      bundle: factsBundle({ members: twoOf(role) }),
    },
    {
      name: 'one-member-of-two-roles',
      attack: 'None: memberships in the order of their roles, whatever their accounts.',
      expect: 'ok',
      proves: { members: { [`${lowRole}/${stranger}`]: '6', [`${highRole}/${peer}`]: '5' } },
      bundle: factsBundle({ members: crossed }),
    },
    {
      name: 'membership-for-ever',
      attack: 'None: a membership that never ends.',
      expect: 'ok',
      proves: { members: { [`${role}/${device}`]: NEVER.toString() } },
      bundle: factsBundle({ members: [{ role, account: device, until: NEVER }] }),
    },
    {
      name: 'largest-version',
      attack: 'None: the largest version that there can be.',
      expect: 'ok',
      proves: { records: { [climate]: { version: NEVER.toString(), digest: digest('aa'), group, status: 'active' } } },
      bundle: factsBundle({
        heads: [{ resource: climate, version: NEVER, digest: digest('aa'), group, status: 'active' }],
      }),
    },
    granted('grant-to-read', `${'01'.repeat(8)}0001`, {
      actions: ['read'],
      offline: false,
      expiresAt: BigInt('0x0101010101010101').toString(),
    }),
    granted('grant-of-all-offline', '05010f', {
      actions: ['read', 'write', 'invoke', 'manage'],
      offline: true,
      expiresAt: '5',
    }),
    granted('grant-that-has-lapsed', '02', { actions: ['write'], offline: false, expiresAt: '0' }),
    ...[1, 2].map((status): Draft => unknown(`head-status-${status}`, headEnum(status), 'ok')),
    ...[1, 2, 3, 4, 5, 6].map((kind): Draft => unknown(`device-kind-${kind}`, deviceEnum(kind, 1), 'ok')),
    ...[2, 3].map((status): Draft => unknown(`device-status-${status}`, deviceEnum(1, status), 'ok')),
    ...[3, 255].map((status): Draft => unknown(`unknown-head-status-${status}`, headEnum(status))),
    unknown('unknown-device-kind-7', deviceEnum(7, 1)),
    unknown('unknown-device-status-4', deviceEnum(1, 4)),
    unknown('head-status-0', headEnum(0), 'SCHEMA'),
    unknown('device-kind-0', deviceEnum(0, 1), 'SCHEMA'),
    unknown('device-status-0', deviceEnum(1, 0), 'SCHEMA'),
    bad(
      'revoked-passed-off-as-absent',
      'A revoked record is hidden, so that an older one may go on.',
      'fact-hidden',
      ({ heads: all }) => ({
        heads: all.map(({ resource, head }) => ({ resource, head: toHex(resource) === revoked ? undefined : head })),
      }),
    ),
    bad(
      'device-passed-off-as-absent',
      'A device is passed off as not enrolled.',
      'fact-hidden',
      ({ devices: all }) => ({ devices: all.map(({ account }) => ({ account, device: undefined })) }),
    ),
    bad(
      'revoked-passed-off-as-active',
      'A revoked record is passed off as active.',
      'fact-altered',
      heads(() => ({ status: 1 })),
    ),
    bad(
      'active-passed-off-as-revoked',
      'An active record is passed off as revoked, to stop a device.',
      'fact-altered',
      heads(() => ({ status: 2 }), climate),
    ),
    bad(
      'another-version',
      'A record’s version is raised by one.',
      'fact-altered',
      heads(({ version }) => ({ version: version + 1n })),
    ),
    bad(
      'an-older-version',
      'A record’s version is lowered by one.',
      'fact-altered',
      heads(({ version }) => ({ version: version - 1n })),
    ),
    bad(
      'version-beyond-64-bits-wraps',
      'A record’s version is 2^64 - 1.',
      'fact-altered',
      heads(() => ({ version: NEVER })),
    ),
    bad(
      'another-digest',
      'A record’s digest is that of another document.',
      'fact-altered',
      heads(() => ({ digest: word }), climate),
    ),
    bad(
      'another-group',
      'A record is moved to another group.',
      'fact-altered',
      heads(() => ({ group: word }), climate),
    ),
    bad(
      'group-and-digest-exchanged',
      'A record’s digest and group in each other’s place.',
      'fact-altered',
      heads(({ digest: one, group: two }) => ({ digest: two, group: one }), climate),
    ),
    bad('records-exchanged', 'Two resources’ records in each other’s place.', 'fact-altered', ({ heads: all }) => ({
      heads: all.map(({ resource }, index) => ({ resource, head: all[(index + 2) % 4]?.head ?? all[0]?.head })),
    })),
    bad(
      'suspended-passed-off-as-active',
      'A suspended device is passed off as active.',
      'fact-altered',
      devices({ status: 1 }),
    ),
    bad('another-kind-of-device', 'A dew is passed off as an edge.', 'fact-altered', devices({ kind: 1 })),
    bad(
      'a-device-of-another-group',
      'A device is moved to another group.',
      'fact-altered',
      devices({ group: word }, device),
    ),
    bad(
      'another-profile',
      'A device is given another profile, with another sensor’s bindings.',
      'fact-altered',
      devices({ profile: word }, device),
    ),
    bad(
      'no-profile',
      'A device’s profile is taken away.',
      'fact-altered',
      devices({ profile: new Uint8Array(32) }, device),
    ),
    bad('an-invented-record', 'A record for a resource that has none.', 'fact-invented', ({ heads: all }) => ({
      heads: all.map(({ resource, head }) => ({ resource, head: head ?? all[0]?.head })),
    })),
    bad(
      'another-resources-slot',
      'A record under the name of a resource whose slot is another one.',
      'node-hash',
      ({ heads: all }) => ({
        heads: all.map((claim, index) => (index === 0 ? { ...claim, resource: new Uint8Array(32) } : claim)),
      }),
    ),
    bad('another-devices-slot', 'A device under the account of another one.', 'node-hash', ({ devices: all }) => ({
      devices: all.map((claim, index) => (index === 0 ? { ...claim, account: new Uint8Array(20) } : claim)),
    })),
    bad('a-record-twice', 'One record twice.', 'fact-order', ({ heads: all }) => ({
      heads: [...all, ...all.slice(-1)],
    })),
    bad(
      'a-record-told-present-and-absent',
      'One resource once with its record and once without.',
      'fact-order',
      ({ heads: all }) => ({
        heads: all.flatMap((claim, index) =>
          index === 0 ? [claim, { resource: claim.resource, head: undefined }] : [claim],
        ),
      }),
    ),
    bad(
      'records-out-of-order',
      'Records in another order: the same facts in other bytes.',
      'fact-order',
      ({ heads: all }) => ({ heads: [...all].reverse() }),
    ),
    bad('devices-out-of-order', 'Devices in another order.', 'fact-order', ({ devices: all }) => ({
      devices: [...all].reverse(),
    })),
    bad('a-device-twice', 'One device twice.', 'fact-order', ({ devices: all }) => ({
      devices: [...all, ...all.slice(-1)],
    })),
    bad('grants-out-of-order', 'Grants in another order.', 'fact-order', ({ grants: all }) => ({
      grants: [...all].reverse(),
    })),
    bad('a-grant-twice', 'One grant twice.', 'fact-order', ({ grants: all }) => ({
      grants: [...all, ...all.slice(-1)],
    })),
    ...(
      [
        ['members', 'Members of one role in another order.', twoOf(role)],
        ['members-of-two-roles', 'Memberships in the order of their accounts.', crossed],
      ] as const
    ).map(([name, attack, members]) => ({
      name: `${name}-out-of-order`,
      attack,
      expect: 'PROOF_INVALID/fact-order',
      bundle: tamper(factsBundle({ members }), (parts) => ({ members: [...parts.members].reverse() })),
    })),
    bad('a-member-twice', 'One membership twice.', 'fact-order', ({ members: all }) => ({
      members: [...all, ...all.slice(-1)],
    })),
    bad(
      'facts-of-another-block',
      'Facts and proofs of another block under the header of this one.',
      'node-hash',
      () => ({ heads: other.heads, devices: [], grants: [], members: [], nodes: other.nodes }),
    ),
    bad(
      'a-record-of-another-block',
      'One record of another block among those of this one.',
      'fact-altered',
      ({ heads: all }) => ({
        heads: all.map((claim) => (toHex(claim.resource) === climate ? (other.heads[0] ?? claim) : claim)),
      }),
    ),
    bad(
      'a-record-left-out-and-its-nodes-not',
      'A record is left out, the nodes that proved it are not.',
      'node-hash',
      ({ heads: all }) => ({ heads: all.filter(({ resource }) => toHex(resource) !== revoked) }),
    ),
    bad(
      'a-membership-left-out-and-its-nodes-not',
      'A membership is left out, the nodes that proved it are not.',
      'node-extra',
      () => ({ members: [] }),
    ),
    bad('no-nodes', 'Facts without any proof.', 'node-missing', () => ({ nodes: [] })),
    packing('grant-of-no-action', 'A grant that permits nothing yet stands there.', '050100'),
    packing('grant-of-unknown-actions', 'A grant of a fifth action, which this release does not know.', '050110'),
    packing('grant-of-a-strange-flag', 'A grant whose offline byte is 2.', '050201'),
    packing('grant-of-too-many-bytes', 'A grant that goes beyond its expiry.', `01${'00'.repeat(8)}0101`),
    {
      name: 'membership-of-nine-bytes',
      attack: 'A membership that ends beyond 2^64, as a member for ever.',
      expect: 'PROOF_INVALID/member-packing',
      bundle: slotHolds(
        slots.member({ role: fromHex(role), account: fromHex(device) }),
        integerBytes(2n ** 64n),
        claimsOf({}, { members: [{ role, account: device }] }),
      ),
    },
    {
      name: 'grant-of-another-resource',
      attack: 'The grant’s proof is for another resource; the caller’s is proved to have none.',
      expect: 'ok',
      source: 'Uptane: mix-and-match',
      proves: { grants: { [`${third}/${ANYONE}`]: null } },
      bundle: factsBundle(
        { grants: [{ ...grantKeys, actions: ['read'], offline: false, expiresAt: 5n }] },
        { told: {}, absent: { grants: [{ resource: third, subject: ANYONE }] } },
      ),
    },
    {
      name: 'two-facts-one-key',
      attack: 'The bytes of a good bundle with its resource keys cut at another place.',
      expect: 'SCHEMA',
      bundle: encodeBundle({
        ...decodeBundle(good),
        grants: [{ resource: word.subarray(1), subject: Uint8Array.from([...word, 1]) }],
      }),
    },
  ],
};
