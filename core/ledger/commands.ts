import type { Account } from '../account.ts';
import type { Bytes32, Digest } from '../digest.ts';
import type { GroupId, ResourceId, RoleId, SubjectId } from '../ids.ts';
import type { Action } from '../policy.ts';
import type { DeviceKind, DeviceStatus, Proposal } from './records.ts';

/** What an account may ask of the ledger; times are Unix seconds. */
export type LedgerCommand =
  | {
      readonly type: 'enrol-device';
      readonly account: Account;
      readonly kind: DeviceKind;
      readonly group: GroupId;
      readonly profile: Digest | undefined;
    }
  | { readonly type: 'set-device-status'; readonly account: Account; readonly status: DeviceStatus }
  | { readonly type: 'set-device-group'; readonly account: Account; readonly group: GroupId }
  | { readonly type: 'set-device-profile'; readonly account: Account; readonly profile: Digest | undefined }
  /** One transaction, whole or not at all; one or more. */
  | { readonly type: 'propose'; readonly proposals: readonly Proposal[] }
  | { readonly type: 'approve'; readonly proposals: readonly Proposal[] }
  | { readonly type: 'revoke'; readonly resource: ResourceId; readonly version: bigint }
  | { readonly type: 'set-approval-threshold'; readonly threshold: number }
  | {
      readonly type: 'set-grant';
      readonly resource: ResourceId;
      readonly subject: SubjectId;
      readonly actions: readonly Action[];
      readonly offline: boolean;
      readonly expiresAt: bigint;
    }
  | { readonly type: 'revoke-grant'; readonly resource: ResourceId; readonly subject: SubjectId }
  | { readonly type: 'set-member'; readonly role: RoleId; readonly account: Account; readonly expiresAt: bigint }
  | { readonly type: 'remove-member'; readonly role: RoleId; readonly account: Account }
  | { readonly type: 'anchor-receipts'; readonly root: Bytes32; readonly count: number };
