import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { proposalKey } from '../../core/ledger/proposal-key.ts';
import { governanceRoles, type LedgerIdentity } from '../../core/ledger/records.ts';
import { accountField, bytes32Field, uint64Field } from '../../core/fields.ts';
import {
  blockField,
  deviceField,
  grantField,
  headField,
  identityField,
  nestEntries,
  proposalFields,
} from '../../core/ledger/state-fields.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { GoneFact } from './gone-facts.ts';

/** A tenant's whole state, what went on the way there, and the ledger that both are of. */
export interface KnownState {
  readonly identity: LedgerIdentity;
  readonly state: LedgerState;
  /** What went, the oldest first. */
  readonly gone?: readonly GoneFact[];
}

const knownSchema = z.strictObject({
  identity: identityField,
  block: blockField,
  approvalThreshold: z.int().min(0),
  devices: z.array(deviceField),
  heads: z.array(headField),
  proposals: z.array(z.strictObject({ ...proposalFields, proposer: accountField, approvers: z.array(accountField) })),
  revoked: z.array(z.string()),
  grants: z.array(grantField),
  members: z.array(z.tuple([bytes32Field, accountField, uint64Field])),
  governance: z.array(z.tuple([z.enum(governanceRoles), accountField, uint64Field])),
  anchored: z.array(z.tuple([bytes32Field, accountField, uint64Field])),
  // Stores of before 0.1.0 was released have none.
  gone: z.array(z.tuple([z.union([bytes32Field, z.literal('*')]), z.string().max(150), uint64Field])).default([]),
});

/** A state as JSON, its 64-bit integers as decimal strings; only a state that stands at a block has a form. */
export function formatKnownState({ identity, state, gone = [] }: KnownState): string {
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
    gone: gone.map(({ group, name, since }) => [group, name, since]),
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
    grants: nestEntries(lists.grants.map((grant) => [grant.resource, grant.subject, grant] as const)),
    members: nestEntries(lists.members),
    governance: nestEntries(lists.governance),
    anchored: new Map(lists.anchored.map(([root, device, time]) => [root, { device, time }])),
  };
  return { identity, state, gone: lists.gone.map(([group, name, since]) => ({ group, name, since })) };
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
