import type { Account } from '../account.ts';
import type { Bytes32, Digest } from '../digest.ts';
import type { GroupId, ResourceId } from '../ids.ts';

/** Kinds of device, in the order of their numbers (from 1) on the ledger. */
export const deviceKinds = ['edge', 'dew', 'fog', 'cloud', 'validator', 'witness'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** A device's standing, in the order of its numbers (from 1) on the ledger; `retired` is final. */
export const deviceStatuses = ['active', 'suspended', 'retired'] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];

/** What the ledger says of a device. */
export interface DeviceRecord {
  readonly account: Account;
  readonly kind: DeviceKind;
  readonly group: GroupId;
  readonly status: DeviceStatus;
  /** Digest of its approved profile; undefined where it has none. */
  readonly profile: Digest | undefined;
}

/** One proposed configuration; its four fields together name it on the ledger. */
export interface Proposal {
  readonly resource: ResourceId;
  readonly version: bigint;
  readonly digest: Digest;
  readonly group: GroupId;
}

/** What the ledger says of a resource now: the newest version that was activated. */
export interface ConfigurationRecord extends Proposal {
  readonly status: 'active' | 'revoked';
}

/** A proposal with who made it and who approved it so far. */
export interface ProposalRecord extends Proposal {
  readonly proposer: Account;
  readonly approvers: readonly Account[];
}

/** Who may call which functions of the tenant's contracts; see chain/evm/governance.ts for the functions. */
export const governanceRoles = [
  'admin',
  'publisher',
  'approver',
  'registrar',
  'policy-admin',
  'revoker',
  'guardian',
] as const;
export type GovernanceRole = (typeof governanceRoles)[number];

/** A block that a ledger adapter holds for final; `time` in Unix seconds. */
export interface BlockRef {
  readonly height: bigint;
  readonly hash: Bytes32;
  readonly time: bigint;
}

/** Which ledger this is: a device trusts facts of this one only. */
export interface LedgerIdentity {
  /** CAIP-2 for EVM chains (`eip155:31337`), `multichain:<name>`, `memory:<name>`. */
  readonly chain: string;
  readonly genesis: Bytes32;
  /** The registry's address, or its equivalent elsewhere. */
  readonly registry: string;
}
