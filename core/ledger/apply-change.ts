import { add, drop, put, type Owned } from './copy-on-write.ts';
import type { LedgerChange } from './events.ts';
import { proposalKey, versionKey } from './proposal-key.ts';
import type { DeviceRecord, Proposal } from './records.ts';
import type { LedgerState } from './state.ts';

type Change<Type extends LedgerChange['type']> = Extract<LedgerChange, { type: Type }>;

/** A state in the making; what it began from is never written to. */
export interface StateDraft {
  readonly state: { -readonly [Key in keyof LedgerState]: LedgerState[Key] };
  readonly owned: Owned;
}

/** Begins a draft at `state`. */
export function draftOf(state: LedgerState): StateDraft {
  return { state: { ...state }, owned: new WeakSet() };
}

/**
 * Brings one change into a draft; `time` is its block's, in Unix seconds. A change of something unknown is passed
 * over, since a device's slice does not know everything; that commands made sense is for `decideCommand` or the chain.
 */
export function applyChange(draft: StateDraft, change: LedgerChange, time: bigint): void {
  const { state, owned } = draft;
  switch (change.type) {
    case 'device-enrolled': {
      const { account, kind, group, profile } = change;
      state.devices = put(owned, state.devices, [account, { account, kind, group, status: 'active', profile }]);
      return;
    }
    case 'device-status-changed':
      changeDevice(draft, change, { status: change.status });
      return;
    case 'device-group-changed':
      changeDevice(draft, change, { group: change.group });
      return;
    case 'device-profile-changed':
      changeDevice(draft, change, { profile: change.profile });
      return;
    case 'configuration-proposed': {
      const proposal = { ...proposalOf(change), proposer: change.proposer, approvers: [] };
      state.proposals = put(owned, state.proposals, [proposalKey(change), proposal]);
      return;
    }
    case 'configuration-approved':
      approve(draft, change);
      return;
    case 'configuration-activated':
      state.heads = put(owned, state.heads, [change.resource, { ...proposalOf(change), status: 'active' }]);
      dropProposals(draft, change.resource, (version) => version <= change.version);
      return;
    case 'version-revoked':
      revoke(draft, change);
      return;
    case 'approval-threshold-changed':
      state.approvalThreshold = change.threshold;
      return;
    case 'grant-set':
      setGrant(draft, change);
      return;
    case 'grant-revoked':
      state.grants = dropInner(owned, state.grants, { outer: change.resource, inner: change.subject });
      return;
    case 'member-set':
      state.members = putInner(owned, state.members, { outer: change.role, inner: change.account }, change.expiresAt);
      return;
    case 'member-removed':
      state.members = dropInner(owned, state.members, { outer: change.role, inner: change.account });
      return;
    case 'receipts-anchored':
      state.anchored = put(owned, state.anchored, [change.root, { device: change.device, time }]);
      return;
    case 'governance-granted':
      state.governance = putInner(owned, state.governance, { outer: change.role, inner: change.account }, change.since);
      return;
    case 'governance-revoked':
      state.governance = dropInner(owned, state.governance, { outer: change.role, inner: change.account });
      return;
  }
}

function changeDevice(
  { state, owned }: StateDraft,
  { account }: Pick<DeviceRecord, 'account'>,
  changed: Partial<DeviceRecord>,
): void {
  const known = state.devices.get(account);
  if (known !== undefined) state.devices = put(owned, state.devices, [account, { ...known, ...changed }]);
}

function proposalOf({ resource, version, digest, group }: Proposal): Proposal {
  return { resource, version, digest, group };
}

function approve({ state, owned }: StateDraft, change: Change<'configuration-approved'>): void {
  const key = proposalKey(change);
  const known = state.proposals.get(key);
  if (known === undefined) return;
  const approvers = [...known.approvers, change.approver];
  state.proposals = put(owned, state.proposals, [key, { ...known, approvers }]);
}

function revoke(draft: StateDraft, change: Change<'version-revoked'>): void {
  const { state, owned } = draft;
  state.revoked = add(owned, state.revoked, versionKey(change));
  dropProposals(draft, change.resource, (version) => version === change.version);
  const head = state.heads.get(change.resource);
  if (head?.version !== change.version) return;
  state.heads = put(owned, state.heads, [change.resource, { ...head, status: 'revoked' }]);
}

function dropProposals(
  { state, owned }: StateDraft,
  resource: Proposal['resource'],
  isStale: (version: bigint) => boolean,
): void {
  const stale = [...state.proposals].filter(([, known]) => known.resource === resource && isStale(known.version));
  for (const [key] of stale) state.proposals = drop(owned, state.proposals, key);
}

function setGrant({ state, owned }: StateDraft, change: Change<'grant-set'>): void {
  const { resource, subject, actions, offline, expiresAt } = change;
  const grant = { resource, subject, actions, offline, expiresAt };
  state.grants = putInner(owned, state.grants, { outer: resource, inner: subject }, grant);
}

type Nested<Outer, Inner, Value> = ReadonlyMap<Outer, ReadonlyMap<Inner, Value>>;

function putInner<Outer, Inner, Value>(
  owned: Owned,
  map: Nested<Outer, Inner, Value>,
  { outer, inner }: { outer: Outer; inner: Inner },
  value: Value,
): Nested<Outer, Inner, Value> {
  return put(owned, map, [outer, put(owned, map.get(outer) ?? new Map<Inner, Value>(), [inner, value])]);
}

function dropInner<Outer, Inner, Value>(
  owned: Owned,
  map: Nested<Outer, Inner, Value>,
  { outer, inner }: { outer: Outer; inner: Inner },
): Nested<Outer, Inner, Value> {
  const known = map.get(outer);
  if (known === undefined) return map;
  const left = drop(owned, known, inner);
  return left.size === 0 ? drop(owned, map, outer) : put(owned, map, [outer, left]);
}
