import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import { digestOf, type Bytes32, type Digest } from '../../core/digest.ts';
import { canonicalBytes } from '../../core/document/canonical.ts';
import { DewproofError } from '../../core/errors.ts';
import { deviceKinds, deviceStatuses, type BlockRef, type LedgerIdentity } from '../../core/ledger/records.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import { actions } from '../../core/policy.ts';

/** A device's slice of a tenant's state, and which device and ledger it is of. */
export interface DeviceState {
  readonly identity: LedgerIdentity;
  readonly account: Account;
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
/** JSON's numbers lose digits past 2^53; a uint64 is written as a decimal string. */
const uint64 = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,19})$/)
  .transform((text) => BigInt(text))
  .refine((value) => value < 2n ** 64n);
const nullable = <T>(schema: z.ZodType<T>) => schema.nullable().transform((value) => value ?? undefined);

const stateSchema = z.strictObject({
  identity: z.strictObject({ chain: z.string().max(128), genesis: bytes32, registry: z.string().max(128) }),
  account,
  block: z.strictObject({ height: uint64, hash: bytes32, time: uint64 }),
  approvalThreshold: z.int().min(0),
  devices: z.array(
    z.strictObject({
      account,
      kind: z.enum(deviceKinds),
      group: bytes32,
      status: z.enum(deviceStatuses),
      profile: nullable(digest),
    }),
  ),
  heads: z.array(
    z.strictObject({
      resource: bytes32,
      version: uint64,
      digest,
      group: bytes32,
      status: z.enum(['active', 'revoked']),
    }),
  ),
  grants: z.array(
    z.strictObject({
      resource: bytes32,
      subject: bytes32,
      actions: z.array(z.enum(actions)),
      offline: z.boolean(),
      expiresAt: uint64,
    }),
  ),
  members: z.array(z.strictObject({ role: bytes32, account, expiresAt: uint64 })),
});

/**
 * A device's state as canonical JSON (RFC 8785), integers of 64 bits as decimal strings; lists are in no order of
 * meaning. What a slice leaves empty (proposals, governance…) has no place in it.
 */
export function encodeDeviceState({ identity, account: device, state }: DeviceState): Uint8Array {
  const { chain, genesis, registry } = identity;
  const { block, approvalThreshold } = state;
  if (!block) throw new TypeError('A state without a block is of no moment.');
  const content = {
    identity: { chain, genesis, registry },
    account: device,
    block,
    approvalThreshold,
    devices: [...state.devices.values()].map((one) => ({ ...one, profile: one.profile ?? null })),
    heads: [...state.heads.values()],
    grants: [...state.grants.values()].flatMap((subjects) => [...subjects.values()]),
    members: [...state.members].flatMap(([role, until]) =>
      [...until].map(([member, expiresAt]) => ({ role, account: member, expiresAt })),
    ),
  };
  return canonicalBytes(withoutBigInts(content));
}

const ANY_BLOCK: BlockRef = { height: 0n, hash: `0x${'00'.repeat(32)}`, time: 0n };

/** A digest of all that a state says but its block; two states of one digest mean the same to their device. */
export function digestOfContent(deviceState: DeviceState): Digest {
  return digestOf(encodeDeviceState({ ...deviceState, state: { ...deviceState.state, block: ANY_BLOCK } }));
}

/** Parses what `encodeDeviceState` wrote. @throws SCHEMA */
export function parseDeviceState(bytes: Uint8Array): DeviceState {
  const parsed = stateSchema.safeParse(parseJson(bytes)).data;
  if (!parsed) throw new DewproofError('SCHEMA', 'The bundle holds no state of this version; fetch a new one.');
  const { identity, account: device, block, approvalThreshold, devices, heads, grants, members } = parsed;
  const state = {
    ...emptyLedgerState,
    block,
    approvalThreshold,
    devices: new Map(devices.map((one) => [one.account, one])),
    heads: new Map(heads.map((one) => [one.resource, one])),
    grants: nest(grants, (one) => [one.resource, one.subject, one]),
    members: nest(members, (one) => [one.role, one.account, one.expiresAt]),
  };
  return { identity, account: device, state };
}

function withoutBigInts(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)),
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function nest<T, Outer, Inner, Value>(
  list: readonly T[],
  entryOf: (one: T) => readonly [Outer, Inner, Value],
): ReadonlyMap<Outer, ReadonlyMap<Inner, Value>> {
  const nested = new Map<Outer, Map<Inner, Value>>();
  for (const [outer, inner, value] of list.map(entryOf)) {
    const known = nested.get(outer) ?? new Map<Inner, Value>();
    nested.set(outer, known.set(inner, value));
  }
  return nested;
}
