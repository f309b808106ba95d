import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import { digestOf, type Digest } from '../../core/digest.ts';
import { canonicalBytes } from '../../core/document/canonical.ts';
import { DewproofError } from '../../core/errors.ts';
import type { BlockRef, LedgerIdentity } from '../../core/ledger/records.ts';
import { accountField, bytes32Field, uint64Field } from '../../core/fields.ts';
import {
  blockField,
  deviceField,
  grantField,
  headField,
  identityField,
  nestEntries,
} from '../../core/ledger/state-fields.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';

/** A device's slice of a tenant's state, and which device and ledger it is of. */
export interface DeviceState {
  readonly identity: LedgerIdentity;
  readonly account: Account;
  readonly state: LedgerState;
}

const stateSchema = z.strictObject({
  identity: identityField,
  account: accountField,
  block: blockField,
  approvalThreshold: z.int().min(0),
  devices: z.array(deviceField),
  heads: z.array(headField),
  grants: z.array(grantField),
  members: z.array(z.strictObject({ role: bytes32Field, account: accountField, expiresAt: uint64Field })),
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
  const parsed = stateSchema.safeParse(parseJsonBytes(bytes)).data;
  if (!parsed) throw new DewproofError('SCHEMA', 'The bundle holds no state of this version; fetch a new one.');
  const { identity, account: device, block, approvalThreshold, devices, heads, grants, members } = parsed;
  const state = {
    ...emptyLedgerState,
    block,
    approvalThreshold,
    devices: new Map(devices.map((one) => [one.account, one])),
    heads: new Map(heads.map((one) => [one.resource, one])),
    grants: nestEntries(grants.map((one) => [one.resource, one.subject, one])),
    members: nestEntries(members.map((one) => [one.role, one.account, one.expiresAt])),
  };
  return { identity, account: device, state };
}

function withoutBigInts(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)),
  );
}
