import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { verifyReceipt } from '../../../core/receipts/verify-receipt.ts';
import { verifyReceiptFile } from '../../../core/receipts/receipt-file.ts';
import type { Receipt } from '../../../core/receipts/receipt.ts';
import { openReceiptStore } from '../../../dew/receipts/receipt-store.ts';
import { createLog } from '../../../platform/log.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { openStore, sublevelOf } from '../../../platform/store/open-store.ts';
import { receiptOf, RECEIPT_WALLET, signed } from '../../core/support/receipts.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { walletOf } from '../../platform/wallets.ts';

const device = walletOf(RECEIPT_WALLET).account;
const everything = { resource: undefined, device: undefined, after: undefined, limit: 100 };

async function openTest(mostPerDevice = 3) {
  const level = await openStore(join(temporaryFolder(), 'store'));
  onTestFinished(() => level.close());
  const logged: string[] = [];
  const log = createLog({ name: 'test', level: 'info' }, { write: (line) => logged.push(line) });
  const open = () => openReceiptStore(level, { mostPerDevice, log });
  const store = await open();
  const take = async (sequence: number, changed: Partial<Receipt> = {}) => {
    const { envelope } = await signed(receiptOf({ sequence, previous: undefined, ...changed }));
    await store.take(verifyReceipt(envelope, { isSignedBy }));
  };
  const kept = async () => {
    const { receipts } = await store.list(everything);
    return receipts.map((file) => verifyReceiptFile(file, { isSignedBy }).receipt.sequence);
  };
  return { level, part: sublevelOf(level, 'receipts'), store, open, take, kept, logged };
}

describe("a dew's receipts", () => {
  test('are bounded for each device: the oldest anchored go first, then the oldest', async () => {
    const { store, take, kept } = await openTest();
    for (const sequence of [1, 2]) await take(sequence);
    await store.beginBatch(10);
    await store.finishBatch();
    for (const sequence of [3, 4]) await take(sequence);
    expect(await kept()).toEqual([2, 3, 4]);
    await take(5);
    expect(await kept()).toEqual([3, 4, 5]);
    await take(6);
    expect(await kept()).toEqual([4, 5, 6]);
    expect(store.counts()).toEqual({ kept: 3, pending: 3, conflicts: 0 });
  });

  test('that were dropped are not taken again, nor others in their place', async () => {
    const { take } = await openTest(1);
    await take(5);
    await take(6);
    await expect(take(5)).rejects.toMatchObject({ code: 'ROLLBACK' });
    await expect(take(4, { name: 'pump' })).rejects.toMatchObject({ code: 'ROLLBACK' });
  });

  test('get their proofs with their batch, in the order of arrival', async () => {
    const { store, take } = await openTest(10);
    for (const sequence of [5, 2, 9]) await take(sequence);
    const batch = await store.beginBatch(2);
    expect(batch?.count).toBe(2);
    expect(await store.beginBatch(10)).toEqual(batch);
    await store.finishBatch();
    const { receipts } = await store.list(everything);
    expect(receipts.map(({ inclusion }) => inclusion?.root)).toEqual([batch?.root, batch?.root, undefined]);
    for (const file of receipts) verifyReceiptFile(file, { isSignedBy });
    expect(await store.anchoredTo(device)).toBe(5);
    expect(store.counts().pending).toBe(1);
    await store.beginBatch(10);
    await store.finishBatch();
    expect(await store.anchoredTo(device)).toBe(9);
    expect(await store.beginBatch(10)).toBeUndefined();
  });

  test('of which an older one is open are anchored up to that one alone', async () => {
    const { store, take } = await openTest(10);
    await take(5);
    await store.beginBatch(10);
    await store.finishBatch();
    await take(3);
    expect(await store.anchoredTo(device)).toBeUndefined();
  });

  test('and a batch under way outlive the process as they are', async () => {
    const { open, store, take } = await openTest(10);
    for (const sequence of [1, 2]) await take(sequence);
    const batch = await store.beginBatch(10);
    const again = await open();
    expect(await again.isBatchUnderWay()).toBe(true);
    expect(await again.beginBatch(10)).toEqual(batch);
    await again.finishBatch();
    expect(await again.isBatchUnderWay()).toBe(false);
    expect(again.counts()).toEqual({ kept: 2, pending: 0, conflicts: 0 });
  });

  test('that were dropped from a batch under way do not spoil the proofs of the others', async () => {
    const { store, take } = await openTest(2);
    for (const sequence of [1, 2]) await take(sequence);
    await store.beginBatch(10);
    await take(3);
    await store.finishBatch();
    const { receipts } = await store.list(everything);
    expect(receipts.map(({ inclusion }) => inclusion?.size)).toEqual([2, undefined]);
    for (const file of receipts) verifyReceiptFile(file, { isSignedBy });
    expect(store.counts()).toEqual({ kept: 2, pending: 1, conflicts: 0 });
  });

  test('that decay on disk are left out and told, and can be sent again', async () => {
    const { part, store, take, kept, logged } = await openTest(10);
    await take(1);
    await take(2);
    await part.put(`receipt/${device}/0000000000000001`, 'rotten');
    expect(await kept()).toEqual([2]);
    expect(logged.join('')).toContain('STORE_CORRUPT');
    await take(1);
    expect(await kept()).toEqual([1, 2]);
    expect((await store.beginBatch(10))?.count).toBe(2);
    expect(store.counts().pending).toBe(2);
  });
});
