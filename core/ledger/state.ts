import type { Account } from '../account.ts';
import type { Bytes32 } from '../digest.ts';
import type { ResourceId, RoleId, SubjectId } from '../ids.ts';
import type { Grant } from '../policy.ts';
import type { BlockRef, ConfigurationRecord, DeviceRecord, GovernanceRole, ProposalRecord } from './records.ts';

/** The tenant's whole state (or one device's slice of it), as its events leave it. */
export interface LedgerState {
  /** The last block reduced; undefined before the first. */
  readonly block: BlockRef | undefined;
  readonly approvalThreshold: number;
  readonly devices: ReadonlyMap<Account, DeviceRecord>;
  readonly heads: ReadonlyMap<ResourceId, ConfigurationRecord>;
  /** Proposals newer than their resource's head, by `proposalKey`. */
  readonly proposals: ReadonlyMap<string, ProposalRecord>;
  /** Revoked versions, as `<resource>/<version>`. */
  readonly revoked: ReadonlySet<string>;
  readonly grants: ReadonlyMap<ResourceId, ReadonlyMap<SubjectId, Grant>>;
  /** Until when (Unix seconds) each account has each role. */
  readonly members: ReadonlyMap<RoleId, ReadonlyMap<Account, bigint>>;
  /** From when (Unix seconds) each account has each governance role. */
  readonly governance: ReadonlyMap<GovernanceRole, ReadonlyMap<Account, bigint>>;
  readonly anchored: ReadonlyMap<Bytes32, { readonly device: Account; readonly time: bigint }>;
}

/** The state before any event. */
export const emptyLedgerState: LedgerState = {
  block: undefined,
  approvalThreshold: 0,
  devices: new Map(),
  heads: new Map(),
  proposals: new Map(),
  revoked: new Set(),
  grants: new Map(),
  members: new Map(),
  governance: new Map(),
  anchored: new Map(),
};
