import { expect, test } from 'vitest';
import { createCauseCounter } from '../../../edge/receipts/count-causes.ts';
import type { Happening } from '../../../edge/receipts/happening.ts';

const HOUR_MS = 3_600_000;

const refusal = (name: string): Happening => ({
  event: 'refusal',
  tenant: 'greenfields',
  name,
  document: undefined,
  code: 'NOT_APPROVED',
  head: undefined,
});

test('a cause is told when it is new, then once an hour with how often it came', () => {
  const causes = createCauseCounter();
  const happening = refusal('climate');
  expect(causes.note(happening, 0)).toEqual([{ happening, count: 1 }]);
  for (let at = 1; at < 100; at += 1) expect(causes.note(happening, at)).toEqual([]);
  expect(causes.note(happening, HOUR_MS)).toEqual([{ happening, count: 100 }]);
  expect(causes.note(happening, HOUR_MS + 1)).toEqual([]);
});

test('what does not come again is told within the hour too', () => {
  const causes = createCauseCounter();
  const happening = refusal('climate');
  causes.note(happening, 0);
  causes.note(happening, 1);
  expect(causes.due(HOUR_MS - 1)).toEqual([]);
  expect(causes.due(HOUR_MS)).toEqual([{ happening, count: 1 }]);
  expect(causes.due(3 * HOUR_MS)).toEqual([]);
  expect(causes.note(happening, 3 * HOUR_MS)).toEqual([{ happening, count: 1 }]);
});

test('another resource, version or code is another cause', () => {
  const causes = createCauseCounter();
  const first = refusal('climate');
  const others: Happening[] = [
    refusal('pump'),
    { ...first, code: 'REVOKED' },
    { ...first, document: { version: 1n, digest: `sha256:${'a'.repeat(64)}` } },
    { ...first, event: 'rollback' },
  ];
  causes.note(first, 0);
  for (const other of others) expect(causes.note(other, 1)).toEqual([{ happening: other, count: 1 }]);
});

test('what was not told is told at the end, and causes without number are not kept', () => {
  const causes = createCauseCounter();
  causes.note(refusal('climate'), 0);
  causes.note(refusal('climate'), 1);
  let told = 0;
  for (let index = 0; index < 5000; index += 1) told += causes.note(refusal(`r${index}`), 2).length;
  // The oldest, forgotten for want of room, was told with its count.
  expect(told).toBe(5001);
  causes.note(refusal('r4999'), 3);
  expect(causes.flush()).toEqual([{ happening: refusal('r4999'), count: 1 }]);
});
