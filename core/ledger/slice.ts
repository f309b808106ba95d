import type { Account } from '../account.ts';
import type { GroupId } from '../ids.ts';
import type { LedgerState } from './state.ts';

/**
 * What one device needs of a tenant's state: its own standing, its group's heads, all policies. Bundles carry this,
 * and `reduceBatch` goes on from it: slicing and reducing commute for one account and group. Revoked versions are
 * left out, since a head says itself whether it is revoked.
 */
export function sliceState(state: LedgerState, { account, group }: { account: Account; group: GroupId }): LedgerState {
  return {
    block: state.block,
    approvalThreshold: state.approvalThreshold,
    devices: filtered(state.devices, (device) => device.account === account),
    heads: filtered(state.heads, (head) => head.group === group),
    proposals: new Map(),
    revoked: new Set(),
    grants: state.grants,
    members: state.members,
    governance: new Map(),
    anchored: new Map(),
  };
}

function filtered<Key, Value>(map: ReadonlyMap<Key, Value>, keep: (value: Value) => boolean): ReadonlyMap<Key, Value> {
  return new Map([...map].filter(([, value]) => keep(value)));
}
