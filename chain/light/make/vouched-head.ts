import type { BlockRef } from '../../../core/ledger/records.ts';
import type { Vouchers } from './build-bundle.ts';

/** A block that counts by the anchor's finality, and what vouches for it in a bundle. */
export interface VouchedHead {
  readonly block: BlockRef;
  /** Unix seconds. */
  readonly attestedAt: bigint;
  readonly vouchers: Vouchers;
}
