import type { Account } from '../../../core/account.ts';
import { digestOf, type Bytes32, type Digest } from '../../../core/digest.ts';
import { groupIdOf, resourceIdOf, roleIdOf } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { decideCommand } from '../../../core/ledger/decide.ts';
import type { EventBatch, LedgerChange } from '../../../core/ledger/events.ts';
import { governanceRoles, type BlockRef, type Proposal } from '../../../core/ledger/records.ts';
import { reduceBatch } from '../../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../../core/ledger/state.ts';
import { utf8 } from './samples.ts';

const account = (byte: string): Account => `0x${byte.repeat(20)}`;

export const ALICE = account('a1');
export const BOB = account('b2');
export const CAROL = account('c3');
export const NOBODY = account('ee');
export const people = [ALICE, BOB, CAROL] as const;

export const resources = ['climate', 'light'].map((name) => resourceIdOf({ tenant: 'greenfields', name }));
export const groups = ['barn-7', 'barn-8'].map((name) => groupIdOf({ tenant: 'greenfields', name }));
export const roles = ['farmhand', 'vet'].map((name) => roleIdOf({ tenant: 'greenfields', name }));
export const digests = ['one', 'two'].map((text) => digestOf(utf8(text)));

export const ZERO_ID: Bytes32 = `0x${'00'.repeat(32)}`;
export const ZERO_ACCOUNT = account('00');
export const NOW = 1_000n;

/** A proposal of the first resource's first version, unless said otherwise. */
export function proposalOf(fields: Partial<Proposal> = {}): Proposal {
  const [resource, digest, group] = [resources[0], digests[0], groups[0]];
  return { resource: resource as Bytes32, version: 1n, digest: digest as Digest, group: group as Bytes32, ...fields };
}

/** The block at a height; its hash says its height. */
export function blockAt(height: bigint): BlockRef {
  return { height, hash: `0x${height.toString(16).padStart(64, '0')}`, time: NOW + height };
}

/** Changes as the events of one block. */
export function batchOf(height: bigint, changes: readonly LedgerChange[]): EventBatch {
  const block = blockAt(height);
  const place = { height, time: block.time, transaction: block.hash };
  return { block, events: changes.map((change, index) => ({ ...change, at: { ...place, index } })) };
}

/** A state after `changes`, one block further. */
export function after(state: LedgerState, changes: readonly LedgerChange[]): LedgerState {
  return reduceBatch(state, batchOf((state.block?.height ?? 0n) + 1n, changes));
}

/** A tenant whose three people hold every role, with a threshold. */
export function tenant(threshold = 1): LedgerState {
  const granted = governanceRoles.flatMap((role) =>
    people.map((person): LedgerChange => ({ type: 'governance-granted', role, account: person, since: 0n })),
  );
  return after(emptyLedgerState, [...granted, { type: 'approval-threshold-changed', threshold }]);
}

/** A state after commands that the ledger takes up, each `[actor, command]`. */
export function run(state: LedgerState, ...steps: readonly (readonly [Account, LedgerCommand])[]): LedgerState {
  return steps.reduce(
    (current, [actor, command]) => after(current, decideCommand(current, { actor, command, now: NOW })),
    state,
  );
}
