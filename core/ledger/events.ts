import type { Account } from '../account.ts';
import type { Bytes32, Digest } from '../digest.ts';
import type { GroupId, ResourceId, RoleId, SubjectId } from '../ids.ts';
import type { Action } from '../policy.ts';
import type { BlockRef, DeviceKind, DeviceStatus, GovernanceRole, Proposal } from './records.ts';

/** A change of the ledger; events alone, in order, rebuild its whole state. */
export type LedgerChange =
  | {
      readonly type: 'device-enrolled';
      readonly account: Account;
      readonly kind: DeviceKind;
      readonly group: GroupId;
      readonly profile: Digest | undefined;
    }
  | { readonly type: 'device-status-changed'; readonly account: Account; readonly status: DeviceStatus }
  | { readonly type: 'device-group-changed'; readonly account: Account; readonly group: GroupId }
  | { readonly type: 'device-profile-changed'; readonly account: Account; readonly profile: Digest | undefined }
  | ({ readonly type: 'configuration-proposed'; readonly proposer: Account } & Proposal)
  | ({ readonly type: 'configuration-approved'; readonly approver: Account } & Proposal)
  | ({ readonly type: 'configuration-activated' } & Proposal)
  | { readonly type: 'version-revoked'; readonly resource: ResourceId; readonly version: bigint; readonly by: Account }
  | { readonly type: 'approval-threshold-changed'; readonly threshold: number }
  | {
      readonly type: 'grant-set';
      readonly resource: ResourceId;
      readonly subject: SubjectId;
      readonly actions: readonly Action[];
      readonly offline: boolean;
      readonly expiresAt: bigint;
    }
  | { readonly type: 'grant-revoked'; readonly resource: ResourceId; readonly subject: SubjectId }
  | { readonly type: 'member-set'; readonly role: RoleId; readonly account: Account; readonly expiresAt: bigint }
  | { readonly type: 'member-removed'; readonly role: RoleId; readonly account: Account }
  | { readonly type: 'receipts-anchored'; readonly device: Account; readonly root: Bytes32; readonly count: number }
  /** `since`: Unix seconds from which the role holds (AccessManager's grant delay). */
  | {
      readonly type: 'governance-granted';
      readonly role: GovernanceRole;
      readonly account: Account;
      readonly since: bigint;
    }
  | { readonly type: 'governance-revoked'; readonly role: GovernanceRole; readonly account: Account };

/** Where an event stands in the ledger's one order, and who caused it. */
export interface EventPosition {
  readonly height: bigint;
  /** Position within the block. */
  readonly index: number;
  /** Block time, Unix seconds. */
  readonly time: bigint;
  readonly transaction: Bytes32;
}

/** A change with its place. */
export type LedgerEvent = LedgerChange & { readonly at: EventPosition };

/** All events after the previous batch up to and including `block`, in order; may be empty (a new head, nothing of ours). */
export interface EventBatch {
  readonly block: BlockRef;
  readonly events: readonly LedgerEvent[];
}
