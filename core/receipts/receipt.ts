import type { Account } from '../account.ts';
import type { Bytes32, Digest } from '../digest.ts';
import type { ErrorCode } from '../errors.ts';
import type { Name } from '../ids.ts';
import type { LedgerIdentity } from '../ledger/records.ts';

/** What a device did with a version; `rollback` is a newer version that failed while the one before it goes on. */
export const receiptEvents = ['start', 'stop', 'rollback', 'refusal'] as const;
export type ReceiptEvent = (typeof receiptEvents)[number];

/** One thing that happened to a resource on a device, as that device tells it; times are milliseconds since the Unix epoch. */
export interface Receipt {
  readonly device: Account;
  /** Rises from receipt to receipt of a device, usually by one; a larger step says that receipts were lost or dropped. */
  readonly sequence: number;
  /** The digest of the device's receipt before this one; undefined where it knows of none. */
  readonly previous: Digest | undefined;
  /** By the device's own time. */
  readonly timeMs: number;
  readonly ledger: LedgerIdentity;
  /** The block that the device stood on; undefined where it believed none yet. */
  readonly head: { readonly height: bigint; readonly hash: Bytes32 } | undefined;
  readonly event: ReceiptEvent;
  readonly tenant: Name;
  readonly name: Name;
  /** The document; undefined where a refusal is of the resource as a whole, of which no version is approved. */
  readonly document: { readonly version: bigint; readonly digest: Digest } | undefined;
  /** Why, for a refusal, a rollback, or a stop that was not asked for by the dew or by a newer version. */
  readonly code: ErrorCode | undefined;
  /** How often it happened since the last receipt of the same cause, this time included. */
  readonly count: number;
}
