/** A receipt on the device's disk, by its sequence; `refusedAtMs` where a dew refused it. */
export interface KeptReceipt {
  readonly sequence: number;
  readonly mark: ReceiptMark | undefined;
}

/** What a dew said of a receipt: that it has it, or that it is anchored too. */
export type ReceiptMark = 'taken' | 'anchored';

/**
 * Which receipts go so that `most` are left: the oldest anchored ones first, then the oldest. The newest stays, whatever
 * it is: the next one goes on from it. `kept` is in the order of sequences.
 */
export function planDrops(kept: readonly KeptReceipt[], most: number): readonly number[] {
  const excess = kept.length - Math.max(most, 1);
  if (excess <= 0) return [];
  const candidates = kept.slice(0, -1);
  const anchored = candidates.filter(({ mark }) => mark === 'anchored');
  const others = candidates.filter(({ mark }) => mark !== 'anchored');
  return [...anchored, ...others].slice(0, excess).map(({ sequence }) => sequence);
}
