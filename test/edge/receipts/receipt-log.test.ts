import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../core/digest.ts';
import { openReceiptLog, type MadeReceipt, type ReceiptLog } from '../../../edge/receipts/receipt-log.ts';
import { receiptOf, signed } from '../../core/support/receipts.ts';
import { openTestLevel } from '../support/test-store.ts';

const FRESH = 1_000_000;
const options = { most: 5, freshSequence: () => FRESH };
const all = { most: 100, isHeldBack: () => false };

async function made(...sequences: readonly number[]): Promise<MadeReceipt[]> {
  return Promise.all(sequences.map(async (sequence) => ({ sequence, ...(await signed(receiptOf({ sequence }))) })));
}

const sequencesOf = (receipts: readonly { sequence: number }[]) => receipts.map(({ sequence }) => sequence);
const digestsOf = (receipts: readonly { digest: Digest }[]) => receipts.map(({ digest }) => digest);

async function unsentOf(log: ReceiptLog): Promise<readonly number[]> {
  return sequencesOf(await log.unsent(all));
}

describe("a device's receipts", () => {
  test('begin at the time of the device and go on after a boot', async () => {
    const level = await openTestLevel();
    const log = await openReceiptLog(level, options);
    expect(log.last()).toEqual({ sequence: FRESH - 1, digest: undefined });
    const receipts = await made(FRESH, FRESH + 1);
    await log.append(receipts);
    const booted = await openReceiptLog(level, options);
    expect(booted.last()).toEqual({ sequence: FRESH + 1, digest: receipts[1]?.digest });
    expect(await unsentOf(booted)).toEqual([FRESH, FRESH + 1]);
  });

  test('are sent until a dew took them, also over a boot', async () => {
    const level = await openTestLevel();
    const log = await openReceiptLog(level, options);
    const receipts = await made(1, 2, 3);
    await log.append(receipts);
    await log.mark(digestsOf(receipts.slice(0, 1)), 'taken');
    expect(await unsentOf(log)).toEqual([2, 3]);
    expect(sequencesOf(await log.unsent({ most: 1, isHeldBack: (digest) => digest === receipts[1]?.digest }))).toEqual([
      3,
    ]);
    const booted = await openReceiptLog(level, options);
    expect(await unsentOf(booted)).toEqual([2, 3]);
    expect(sequencesOf(booted.taken())).toEqual([1]);
    expect(booted.counts()).toEqual({ kept: 3, unsent: 2, newest: 3 });
  });

  test('are bounded: the oldest anchored go first, then the oldest, on disk too', async () => {
    const level = await openTestLevel();
    const log = await openReceiptLog(level, options);
    const receipts = await made(1, 2, 3, 4, 5);
    await log.append(receipts);
    await log.mark(digestsOf(receipts.slice(2, 3)), 'anchored');
    await log.append(await made(6));
    expect(await unsentOf(log)).toEqual([1, 2, 4, 5, 6]);
    await log.append(await made(7, 8));
    expect(await unsentOf(log)).toEqual([4, 5, 6, 7, 8]);
    expect(await unsentOf(await openReceiptLog(level, options))).toEqual([4, 5, 6, 7, 8]);
  });

  test.each([
    ['the newest receipt decays', { 'receipt/0000000000000002': 'rotten' }, FRESH],
    ['an older receipt decays', { 'receipt/0000000000000001': 'rotten' }, FRESH],
    ['the record of the newest decays', { head: 'rotten' }, FRESH],
    ['that record is of an older one', { head: 'older' }, FRESH],
    ['both decay', { 'receipt/0000000000000002': 'rotten', head: 'rotten' }, FRESH],
  ])('never number anew what may have left the device: %s', async (_, damage, next) => {
    const level = await openTestLevel();
    const log = await openReceiptLog(level, options);
    await log.append(await made(1));
    const older = (await level.get('head')) ?? '';
    await log.append(await made(2));
    for (const [key, value] of Object.entries(damage)) await level.put(key, value === 'older' ? older : value);
    const booted = await openReceiptLog(level, options);
    expect(booted.last().sequence + 1).toBe(next);
  });

  test('go on by one where the clock is lost too: below what was used they never begin', async () => {
    const level = await openTestLevel();
    await (await openReceiptLog(level, options)).append(await made(FRESH));
    await level.put('head', 'rotten');
    const booted = await openReceiptLog(level, { ...options, freshSequence: () => 1 });
    expect(booted.last().sequence).toBe(FRESH);
  });

  test('that the disk changed are not sent', async () => {
    const level = await openTestLevel();
    const log = await openReceiptLog(level, options);
    await log.append(await made(1, 2));
    await level.put('receipt/0000000000000001', (await level.get('receipt/0000000000000002')) ?? '');
    expect(await unsentOf(log)).toEqual([2]);
  });
});
