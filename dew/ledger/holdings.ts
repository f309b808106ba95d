import type { Digest } from '../../core/digest.ts';
import type { GroupId } from '../../core/ids.ts';
import type { ConfigurationRecord, DeviceRecord, ProposalRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';

/** Why a digest is held: what on the ledger names it, for the groups that this dew serves. */
export interface Holding {
  readonly heads: readonly ConfigurationRecord[];
  readonly proposals: readonly ProposalRecord[];
  /** Devices whose profile it is. */
  readonly devices: readonly DeviceRecord[];
}

/** All that a ledger holds for a dew's groups, by digest. */
export type Holdings = ReadonlyMap<Digest, Holding>;

const nothing: Holding = { heads: [], proposals: [], devices: [] };

/** Lists what the ledger holds for `groups`: heads in any status, proposals that can still win, profiles in use. */
export function listHoldings(state: LedgerState, groups: ReadonlySet<GroupId>): Holdings {
  const holdings = new Map<Digest, Holding>();
  const add = (digest: Digest, change: (holding: Holding) => Holding): void => {
    holdings.set(digest, change(holdings.get(digest) ?? nothing));
  };
  for (const head of state.heads.values()) {
    if (groups.has(head.group)) add(head.digest, (held) => ({ ...held, heads: [...held.heads, head] }));
  }
  for (const proposal of state.proposals.values()) {
    if (groups.has(proposal.group)) {
      add(proposal.digest, (held) => ({ ...held, proposals: [...held.proposals, proposal] }));
    }
  }
  for (const device of state.devices.values()) {
    if (!groups.has(device.group) || device.profile === undefined || device.status === 'retired') continue;
    add(device.profile, (held) => ({ ...held, devices: [...held.devices, device] }));
  }
  return holdings;
}
