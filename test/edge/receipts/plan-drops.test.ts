import { expect, test } from 'vitest';
import { planDrops, type KeptReceipt } from '../../../edge/receipts/plan-drops.ts';

const kept = (...marks: readonly KeptReceipt['mark'][]): KeptReceipt[] =>
  marks.map((mark, index) => ({ sequence: index + 1, mark }));

test('nothing is dropped where there is room', () => {
  expect(planDrops(kept('anchored', undefined), 2)).toEqual([]);
});

test('the oldest anchored ones go first, then the oldest', () => {
  const all = kept(undefined, 'taken', 'anchored', undefined, 'anchored', undefined);
  expect(planDrops(all, 5)).toEqual([3]);
  expect(planDrops(all, 4)).toEqual([3, 5]);
  expect(planDrops(all, 2)).toEqual([3, 5, 1, 2]);
});

test('the newest stays, whatever it is', () => {
  expect(planDrops(kept(undefined, 'anchored'), 1)).toEqual([1]);
  expect(planDrops(kept('anchored', 'anchored'), 0)).toEqual([1]);
});
