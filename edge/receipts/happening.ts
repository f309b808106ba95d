import type { Digest } from '../../core/digest.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { ReceiptEvent } from '../../core/receipts/receipt.ts';

/** Something that a receipt is to tell of. */
export interface Happening {
  readonly event: ReceiptEvent;
  readonly tenant: Name;
  readonly name: Name;
  /** Undefined only for a refusal of a resource of which no version is known. */
  readonly document: { readonly version: bigint; readonly digest: Digest } | undefined;
  readonly code: ErrorCode | undefined;
  /** The block that vouched for it. */
  readonly head: Pick<BlockRef, 'height' | 'hash'> | undefined;
}

/** Hears what happens to resources. It never throws, waits or fails a start: what becomes of it is its own affair. */
export interface ReceiptSink {
  note(happening: Happening): void;
}
