import type { Account } from '../account.ts';
import type { Bytes32 } from '../digest.ts';
import type { GroupId, ResourceId, RoleId, SubjectId } from '../ids.ts';
import type { BlockRef, ConfigurationRecord, DeviceRecord, LedgerIdentity } from '../ledger/records.ts';
import type { PolicyFacts } from '../policy.ts';

/** One fact of the ledger, by what it is about. */
export type FactKey =
  | { readonly kind: 'record'; readonly resource: ResourceId }
  | { readonly kind: 'device'; readonly account: Account }
  | { readonly kind: 'grant'; readonly resource: ResourceId; readonly subject: SubjectId }
  | { readonly kind: 'member'; readonly role: RoleId; readonly account: Account };

/** What a device may believe of the ledger: facts of one block, checked against its anchor. */
export interface StateFacts extends PolicyFacts {
  readonly identity: LedgerIdentity;
  readonly block: BlockRef;
  /** When (Unix seconds) a quorum vouched for the block, where one did: what freshness is counted from. */
  readonly attestedAt?: bigint;
  /** Who vouched for the block, and how many there are to; left out where nobody signs. */
  readonly vouchers?: { readonly signers: readonly string[]; readonly members: number };
  /** Root of all of the registry's slots: where two blocks have the same, what one proves holds in the other too. */
  readonly storageRoot?: Bytes32;
  /** Whether these facts tell of one, present or absent; left out where they tell of all. */
  readonly tellsOf?: (fact: FactKey) => boolean;
  /** Every fact that these tell of, present or absent; left out where they tell of all. */
  readonly facts?: () => readonly FactKey[];
  device(account: Account): DeviceRecord | undefined;
  record(resource: ResourceId): ConfigurationRecord | undefined;
  /** Resources whose newest record names `group`, in any status. */
  resourcesOf(group: GroupId): readonly ResourceId[];
}

declare const verified: unique symbol;
/** Facts that passed a finality rule of the anchor; only `mintVerifiedState` makes one. */
export type VerifiedState = StateFacts & { readonly [verified]: 'state' };

/** Brands checked facts. Only chain/light and chain/memory may import this (lint): everyone else must open a bundle. */
export function mintVerifiedState(facts: StateFacts): VerifiedState {
  return facts as VerifiedState;
}
