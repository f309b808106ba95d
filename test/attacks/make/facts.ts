import type { Claims } from '../../../chain/light/make/build-bundle.ts';
import { buildBundle } from '../../../chain/light/make/build-bundle.ts';
import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { devicePreimage, headPreimage, ledgerEnums, numberOf } from '../../../chain/light/facts/preimages.ts';
import { createStorageSlots } from '../../../chain/light/facts/storage-slots.ts';
import { fromHex } from '../../../chain/light/hex.ts';
import { encodeRlp, integerBytes } from '../../../chain/light/rlp.ts';
import type { Account } from '../../../core/account.ts';
import { digestToBytes32 } from '../../../core/digest.ts';
import type { ResourceId, RoleId, SubjectId } from '../../../core/ids.ts';
import type { ConfigurationRecord, DeviceRecord } from '../../../core/ledger/records.ts';
import { actionBits, type Grant } from '../../../core/policy.ts';
import { accountsOf, four, HEIGHT, qbftAnchor } from '../../support/test-bundles.ts';
import { codeHash, registry } from '../../support/test-registry.ts';
import { plainHeader, sealAsQbft } from '../../support/test-validators.ts';
import { buildTrie } from '../../support/trie-builder.ts';

/** What stands in a registry. */
export interface Facts {
  readonly heads?: readonly ConfigurationRecord[];
  readonly devices?: readonly DeviceRecord[];
  readonly grants?: readonly Grant[];
  readonly members?: readonly { readonly role: RoleId; readonly account: Account; readonly until: bigint }[];
}

/** What a bundle is to prove to be absent. */
export interface Absent {
  readonly heads?: readonly ResourceId[];
  readonly devices?: readonly Account[];
  readonly grants?: readonly { readonly resource: ResourceId; readonly subject: SubjectId }[];
  readonly members?: readonly { readonly role: RoleId; readonly account: Account }[];
}

const { keccak256 } = nobleCrypto;
const slots = createStorageSlots(nobleCrypto);
const headOf = ({ version, digest, group, status }: ConfigurationRecord) => ({
  version,
  digest: fromHex(digestToBytes32(digest)),
  group: fromHex(group),
  status: numberOf(status, { among: ledgerEnums.headStatuses }),
});
const deviceOf = ({ kind, group, status, profile }: DeviceRecord) => ({
  kind: numberOf(kind, { among: ledgerEnums.kinds }),
  group: fromHex(group),
  status: numberOf(status, { among: ledgerEnums.statuses }),
  profile: profile ? fromHex(digestToBytes32(profile)) : new Uint8Array(32),
});

/** A claim for each fact, and of each that is absent. */
export function claimsOf({ heads = [], devices = [], grants = [], members = [] }: Facts, absent: Absent = {}): Claims {
  return {
    heads: [
      ...heads.map((head) => ({ resource: fromHex(head.resource), head: headOf(head) })),
      ...(absent.heads ?? []).map((resource) => ({ resource: fromHex(resource), head: undefined })),
    ],
    devices: [
      ...devices.map((device) => ({ account: fromHex(device.account), device: deviceOf(device) })),
      ...(absent.devices ?? []).map((account) => ({ account: fromHex(account), device: undefined })),
    ],
    grants: [...grants, ...(absent.grants ?? [])].map(({ resource, subject }) => ({
      resource: fromHex(resource),
      subject: fromHex(subject),
    })),
    members: [...members, ...(absent.members ?? [])].map(({ role, account }) => ({
      role: fromHex(role),
      account: fromHex(account),
    })),
  };
}

/** The registry's storage: keys of its trie and RLP of what stands there. */
export function storageOf({ heads = [], devices = [], grants = [], members = [] }: Facts) {
  const values: readonly (readonly [Uint8Array, Uint8Array])[] = [
    ...heads.map((head) => [slots.head(fromHex(head.resource)), keccak256(headPreimage(headOf(head)))] as const),
    ...devices.map((one) => [slots.device(fromHex(one.account)), keccak256(devicePreimage(deviceOf(one)))] as const),
    ...grants.map((grant) => [slots.grant(keysOf(grant)), packed(grant)] as const),
    ...members.map(
      ({ role, account, until }) =>
        [slots.member({ role: fromHex(role), account: fromHex(account) }), integerBytes(until)] as const,
    ),
  ];
  return values.map(([slot, value]) => [keccak256(slot), encodeRlp(trimmed(value))] as const);
}

/** A state of a few other accounts, with a registry that holds `facts`. */
export function stateOf(facts: Facts): { readonly stateRoot: Uint8Array; readonly nodes: readonly Uint8Array[] } {
  const filler = Array.from(
    { length: 4 },
    (_, index) => [keccak256(Uint8Array.of(9, index)), Uint8Array.of(7)] as const,
  );
  const storage = buildTrie([...storageOf(facts), ...filler]);
  const account = encodeRlp([integerBytes(1n), integerBytes(0n), storage.root, fromHex(codeHash)]);
  const others = Array.from({ length: 3 }, (_, index) => [keccak256(Uint8Array.of(index)), Uint8Array.of(1)] as const);
  const accounts = buildTrie([[keccak256(fromHex(registry)), account], ...others]);
  return { stateRoot: accounts.root, nodes: [...accounts.nodes, ...storage.nodes] };
}

/** A bundle of `facts` (all of them, unless `told` says which) under the seals of three of four validators. */
export function factsBundle(
  facts: Facts,
  { absent = {}, told = facts, height = HEIGHT }: { absent?: Absent; told?: Facts; height?: bigint } = {},
): Uint8Array {
  const { stateRoot, nodes } = stateOf(facts);
  const validators = accountsOf(four);
  const header = sealAsQbft(plainHeader({ height, stateRoot }), { validators, sealers: four.slice(0, 3) });
  const vouchers = { header, changes: [], note: undefined };
  return buildBundle(
    { claims: claimsOf(told, absent), vouchers, nodes },
    { anchor: qbftAnchor(four), crypto: nobleCrypto },
  );
}

function keysOf({ resource, subject }: Pick<Grant, 'resource' | 'subject'>) {
  return { resource: fromHex(resource), subject: fromHex(subject) };
}

function packed({ actions, offline, expiresAt }: Grant): Uint8Array {
  return integerBytes((expiresAt << 16n) | (offline ? 256n : 0n) | BigInt(actionBits(actions)));
}

function trimmed(value: Uint8Array): Uint8Array {
  return value.subarray(value.findIndex((byte) => byte !== 0));
}
