import type { Bytes32 } from '../../core/digest.ts';
import { receiptDigestOf } from '../../core/receipts/envelope.ts';
import { proveInclusions } from '../../core/receipts/inclusion.ts';
import { DURABLE } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import type { ReceiptShelf } from './receipt-store.ts';
import {
  batchRecord,
  formatRecord,
  keys,
  parseRecord,
  placeOf,
  within,
  type BatchRecord,
  type Place,
  type ReceiptRecord,
} from './receipt-records.ts';

/** What is anchored of a batch. */
export interface Batch {
  readonly root: Bytes32;
  readonly count: number;
}

/** Batches of receipts on their way to the ledger, one at a time. */
export interface Batches {
  /**
   * The batch under way, or a new one of the `most` that came first; undefined where nothing waits. Its receipts and
   * their order are on disk (fsync) before its root can be: it survives a power cut as it is. @throws DISK_FULL, STORE_CORRUPT
   */
  beginBatch(most: number): Promise<Batch | undefined>;
  /** Tells whether a batch is under way. @throws STORE_CORRUPT */
  isBatchUnderWay(): Promise<boolean>;
  /** The ledger holds the batch's root: its receipts get their proofs. @throws DISK_FULL, STORE_CORRUPT */
  finishBatch(): Promise<void>;
}

/** Batches of what is on the shelf. */
export function createBatches({ level, read, inTurn, totals }: ReceiptShelf): Batches {
  async function stored(): Promise<BatchRecord | undefined> {
    const record = await guardStore(() => level.get(keys.batch));
    return record === undefined ? undefined : parseRecord(batchRecord, record);
  }

  async function gather(most: number): Promise<BatchRecord['receipts']> {
    const receipts: BatchRecord['receipts'] = [];
    const stale: string[] = [];
    for (const [key, value] of await guardStore(() => level.iterator({ ...within('pending/'), limit: most }).all())) {
      const place = placeOf(value);
      const record = await read(place);
      // Decayed since, or taken again under another number.
      if (record === undefined || keys.pending(record.arrival) !== key) stale.push(key);
      else receipts.push({ ...place, digest: receiptDigestOf(record.envelope) });
    }
    if (stale.length > 0) await guardStore(() => level.batch(stale.map((key) => ({ type: 'del', key }) as const)));
    totals.pending -= stale.length;
    return receipts;
  }

  async function begin(most: number): Promise<Batch | undefined> {
    const underWay = await stored();
    if (underWay !== undefined) return { root: underWay.root, count: underWay.receipts.length };
    const receipts = await gather(most);
    const [first] = receipts.length === 0 ? [] : proveInclusions(receipts.map(({ digest }) => digest));
    if (first === undefined) return undefined;
    await guardStore(() => level.put(keys.batch, formatRecord({ root: first.root, receipts }), DURABLE));
    return { root: first.root, count: receipts.length };
  }

  async function finish(): Promise<void> {
    const batch = await stored();
    if (batch === undefined) return;
    const inclusions = proveInclusions(batch.receipts.map(({ digest }) => digest));
    const operations: ReturnType<typeof anchoredOperations> = [];
    let done = 0;
    for (const [index, { digest, ...place }] of batch.receipts.entries()) {
      const record = await read(place);
      // Dropped for want of room since.
      if (record === undefined || receiptDigestOf(record.envelope) !== digest) continue;
      operations.push(...anchoredOperations(place, { ...record, inclusion: inclusions[index] }));
      done += 1;
    }
    await guardStore(() => level.batch([...operations, { type: 'del', key: keys.batch }], DURABLE));
    totals.pending -= done;
  }

  return {
    beginBatch: (most) => inTurn(() => begin(most)),
    isBatchUnderWay: async () => (await stored()) !== undefined,
    finishBatch: () => inTurn(finish),
  };
}

function anchoredOperations(place: Place, record: ReceiptRecord) {
  return [
    { type: 'put', key: keys.receipt(place), value: formatRecord(record) } as const,
    { type: 'put', key: keys.anchored(place), value: '' } as const,
    { type: 'del', key: keys.open(place) } as const,
    { type: 'del', key: keys.pending(record.arrival) } as const,
  ];
}
