import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { devicePreimage, headPreimage } from '../../chain/light/facts/preimages.ts';
import { createStorageSlots } from '../../chain/light/facts/storage-slots.ts';
import { fromHex } from '../../chain/light/hex.ts';
import { chooseClaims } from '../../chain/light/make/choose-claims.ts';
import { encodeRlp, integerBytes } from '../../chain/light/rlp.ts';
import type { Account } from '../../core/account.ts';
import { accountSubject, ANYONE, ANY_RESOURCE, type GroupId } from '../../core/ids.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import { actionBits, NEVER, type Grant } from '../../core/policy.ts';
import { buildTrie } from './trie-builder.ts';

const bytes32 = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(32)}` as const;
const accountOf = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(20)}` as const;

export const registry = accountOf(0x42);
export const codeHash = bytes32(0xcc);
export const device = accountOf(0xd1);
export const group = bytes32(0xb1);
export const role = bytes32(0xf1);
export const resources = [bytes32(0xa1), bytes32(0xa2), bytes32(0xa3)] as const;
export const absentResource = bytes32(0xa9);

const grantOf = (resource: Grant['resource'], subject: Grant['subject']): Grant => ({
  resource,
  subject,
  actions: ['read', 'invoke'],
  offline: true,
  expiresAt: NEVER,
});

/** A tenant with a device and a peer, three resources (one revoked), a role with a member, and grants. */
export const tenantState: LedgerState = {
  ...emptyLedgerState,
  devices: new Map([
    [device, { account: device, kind: 'edge', group, status: 'active', profile: `sha256:${'07'.repeat(32)}` }],
    [accountOf(0xd2), { account: accountOf(0xd2), kind: 'dew', group, status: 'suspended', profile: undefined }],
  ]),
  heads: new Map(
    resources.map((resource, index) => [
      resource,
      {
        resource,
        version: BigInt(index) * 2n ** 40n + 1n,
        digest: `sha256:${`e${index}`.repeat(32)}`,
        group,
        status: index === 1 ? 'revoked' : 'active',
      },
    ]),
  ),
  grants: new Map([
    [resources[0], new Map([[role, grantOf(resources[0], role)]])],
    [
      resources[1],
      new Map([[accountSubject(accountOf(0xee)), grantOf(resources[1], accountSubject(accountOf(0xee)))]]),
    ],
    [ANY_RESOURCE, new Map([[ANYONE, { ...grantOf(ANY_RESOURCE, ANYONE), offline: false, expiresAt: 5n }]])],
  ]),
  members: new Map([[role, new Map([[accountOf(0xee), 1_900_000_000n]])]]),
};

/** What the test's bundles claim: all of it, and that a fourth resource is absent. */
export const tenantClaims = chooseClaims(tenantState, { account: device, group, resources: [absentResource] });

/** The tenant's registry in a state of `filler` other slots and some accounts, as a chain would hold it. */
export function buildRegistry({ state = tenantState, filler = 40, account = device, of = group } = {}): {
  readonly stateRoot: Uint8Array;
  readonly nodes: readonly Uint8Array[];
} {
  const { keccak256 } = nobleCrypto;
  const storage = [...slotValues(state, { account, group: of }), ...fillerSlots(filler)].map(
    ([slot, value]) => [keccak256(slot), encodeRlp(withoutZeros(value))] as const,
  );
  const storageTrie = buildTrie(storage);
  const accountLeaf = encodeRlp([integerBytes(1n), integerBytes(0n), storageTrie.root, fromHex(codeHash)]);
  const others = Array.from({ length: 20 }, (_, index) => [keccak256(Uint8Array.of(index)), Uint8Array.of(1)] as const);
  const accounts = buildTrie([[keccak256(fromHex(registry)), accountLeaf], ...others]);
  return { stateRoot: accounts.root, nodes: [...accounts.nodes, ...storageTrie.nodes] };
}

function slotValues(
  state: LedgerState,
  of: { readonly account: Account; readonly group: GroupId },
): readonly (readonly [Uint8Array, Uint8Array])[] {
  const { keccak256 } = nobleCrypto;
  const slots = createStorageSlots(nobleCrypto);
  const { heads, devices } = chooseClaims(state, of);
  const grants = [...state.grants.values()].flatMap((one) => [...one.values()]);
  return [
    ...heads.flatMap(({ resource, head }) =>
      head ? [[slots.head(resource), keccak256(headPreimage(head))] as const] : [],
    ),
    ...devices.flatMap(({ account, device: found }) =>
      found ? [[slots.device(account), keccak256(devicePreimage(found))] as const] : [],
    ),
    ...grants.map(
      (grant) =>
        [
          slots.grant({ resource: fromHex(grant.resource), subject: fromHex(grant.subject) }),
          integerBytes((grant.expiresAt << 16n) | (grant.offline ? 256n : 0n) | BigInt(actionBits(grant.actions))),
        ] as const,
    ),
    ...[...state.members].flatMap(([named, until]) =>
      [...until].map(
        ([account, expiresAt]) =>
          [slots.member({ role: fromHex(named), account: fromHex(account) }), integerBytes(expiresAt)] as const,
      ),
    ),
  ];
}

function fillerSlots(count: number): readonly (readonly [Uint8Array, Uint8Array])[] {
  return Array.from({ length: count }, (_, index) => {
    const slot = nobleCrypto.keccak256(integerBytes(BigInt(index + 1)));
    return [slot, index % 2 === 0 ? slot : Uint8Array.of(1 + (index % 99))] as const;
  });
}

function withoutZeros(value: Uint8Array): Uint8Array {
  const first = value.findIndex((byte) => byte !== 0);
  return value.subarray(first);
}
