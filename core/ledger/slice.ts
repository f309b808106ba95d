import type { Account } from '../account.ts';
import type { GroupId } from '../ids.ts';
import type { LedgerChange } from './events.ts';
import type { DeviceRecord } from './records.ts';
import type { LedgerState } from './state.ts';

/**
 * What one device needs of a tenant's state: its own standing, that of the group's other devices (so that it seals
 * secrets on to them by the ledger's word alone), the group's heads, all policies. Bundles carry this, and `reduceBatch`
 * goes on from it: slicing and reducing commute for one account and group, but where a device moves into the group
 * (`movesInto`). Revoked versions are left out, since a head says itself whether it is revoked; retired devices never
 * come back.
 */
export function sliceState(state: LedgerState, { account, group }: { account: Account; group: GroupId }): LedgerState {
  return {
    block: state.block,
    approvalThreshold: state.approvalThreshold,
    devices: filtered(state.devices, (device) => device.account === account || isPeer(device, group)),
    heads: filtered(state.heads, (head) => head.group === group),
    proposals: new Map(),
    revoked: new Set(),
    grants: state.grants,
    members: state.members,
    governance: new Map(),
    anchored: new Map(),
  };
}

/** Tells whether another device came into the group: what the ledger says of it, a slice left out. */
export function movesInto(
  events: readonly LedgerChange[],
  { account, group }: { account: Account; group: GroupId },
): boolean {
  return events.some(
    (event) => event.type === 'device-group-changed' && event.group === group && event.account !== account,
  );
}

function isPeer(device: DeviceRecord, group: GroupId): boolean {
  return device.group === group && device.status !== 'retired';
}

function filtered<Key, Value>(map: ReadonlyMap<Key, Value>, keep: (value: Value) => boolean): ReadonlyMap<Key, Value> {
  return new Map([...map].filter(([, value]) => keep(value)));
}
