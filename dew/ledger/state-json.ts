import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { Bytes32, Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { proposalKey } from '../../core/ledger/proposal-key.ts';
import { deviceKinds, deviceStatuses, governanceRoles, type LedgerIdentity } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { actions } from '../../core/policy.ts';

/** A tenant's whole state and the ledger that it is of. */
export interface KnownState {
  readonly identity: LedgerIdentity;
  readonly state: LedgerState;
}

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Bytes32);
const account = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/)
  .transform((text) => text as Account);
const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .transform((text) => text as Digest);
/** JSON's numbers lose digits past 2^53. */
const uint64 = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
const proposal = { resource: bytes32, version: uint64, digest, group: bytes32 };

const knownSchema = z.strictObject({
  identity: z.strictObject({ chain: z.string(), genesis: bytes32, registry: z.string() }),
  block: z.strictObject({ height: uint64, hash: bytes32, time: uint64 }),
  approvalThreshold: z.int().min(0),
  devices: z.array(
    z.strictObject({
      account,
      kind: z.enum(deviceKinds),
      group: bytes32,
      status: z.enum(deviceStatuses),
      profile: digest.nullable().transform((value) => value ?? undefined),
    }),
  ),
  heads: z.array(z.strictObject({ ...proposal, status: z.enum(['active', 'revoked']) })),
  proposals: z.array(z.strictObject({ ...proposal, proposer: account, approvers: z.array(account) })),
  revoked: z.array(z.string()),
  grants: z.array(
    z.strictObject({
      resource: bytes32,
      subject: bytes32,
      actions: z.array(z.enum(actions)),
      offline: z.boolean(),
      expiresAt: uint64,
    }),
  ),
  members: z.array(z.tuple([bytes32, account, uint64])),
  governance: z.array(z.tuple([z.enum(governanceRoles), account, uint64])),
  anchored: z.array(z.tuple([bytes32, account, uint64])),
});

/** A state as JSON, its 64-bit integers as decimal strings; only a state that stands at a block has a form. */
export function formatKnownState({ identity, state }: KnownState): string {
  const { block, approvalThreshold } = state;
  if (block === undefined) throw new TypeError('the state stands at no block');
  const content = {
    identity,
    block,
    approvalThreshold,
    devices: [...state.devices.values()].map((device) => ({ ...device, profile: device.profile ?? null })),
    heads: [...state.heads.values()],
    proposals: [...state.proposals.values()],
    revoked: [...state.revoked],
    grants: [...state.grants.values()].flatMap((bySubject) => [...bySubject.values()]),
    members: flatten(state.members),
    governance: flatten(state.governance),
    anchored: [...state.anchored].map(([root, { device, time }]) => [root, device, time]),
  };
  return JSON.stringify(content, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** Parses what `formatKnownState` wrote. @throws STORE_CORRUPT */
export function parseKnownState(text: string): KnownState {
  const parsed = knownSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new DewproofError(
      'STORE_CORRUPT',
      'The stored ledger state is of another version; move the data folder away.',
    );
  }
  const { identity, block, approvalThreshold, ...lists } = parsed.data;
  const state: LedgerState = {
    block,
    approvalThreshold,
    devices: new Map(lists.devices.map((device) => [device.account, device])),
    heads: new Map(lists.heads.map((head) => [head.resource, head])),
    proposals: new Map(lists.proposals.map((one) => [proposalKey(one), one])),
    revoked: new Set(lists.revoked),
    grants: nest(lists.grants.map((grant) => [grant.resource, grant.subject, grant] as const)),
    members: nest(lists.members),
    governance: nest(lists.governance),
    anchored: new Map(lists.anchored.map(([root, device, time]) => [root, { device, time }])),
  };
  return { identity, state };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function flatten<Outer, Inner, Value>(nested: ReadonlyMap<Outer, ReadonlyMap<Inner, Value>>): [Outer, Inner, Value][] {
  return [...nested].flatMap(([outer, inner]) =>
    [...inner].map(([key, value]): [Outer, Inner, Value] => [outer, key, value]),
  );
}

function nest<Outer, Inner, Value>(
  entries: readonly (readonly [Outer, Inner, Value])[],
): ReadonlyMap<Outer, ReadonlyMap<Inner, Value>> {
  const nested = new Map<Outer, Map<Inner, Value>>();
  for (const [outer, inner, value] of entries) {
    nested.set(outer, (nested.get(outer) ?? new Map<Inner, Value>()).set(inner, value));
  }
  return nested;
}
