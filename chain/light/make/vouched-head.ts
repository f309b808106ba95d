import type { BlockRef } from '../../../core/ledger/records.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { Vouchers } from './build-bundle.ts';

/** A block that counts by the anchor's finality, and what vouches for it in a bundle. */
export interface VouchedHead {
  readonly block: BlockRef;
  /** Unix seconds. */
  readonly attestedAt: bigint;
  readonly vouchers: Vouchers;
}

/** Where vouched blocks come from. */
export interface VouchedSource {
  /** The newest one. */
  seek(): Promise<VouchedHead>;
  /** Changes of the validators that were proved before, oldest first; nothing of them is believed. */
  recall(changes: readonly SetChange[]): void;
}
