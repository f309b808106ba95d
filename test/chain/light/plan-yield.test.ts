import { expect, test } from 'vitest';
import { planYield } from '../../../chain/light/plan-yield.ts';

const shown = { height: 5n, content: 'sha256:a', atMs: 1_000 } as const;
const times = { nowMs: 1_200, maxQuietMs: 500 } as const;

test('what was never yielded is due at once', () => {
  expect(planYield({ height: 0n, content: 'sha256:a' }, { shown: undefined, ...times })).toBe(0);
});

test('what was yielded is never due again, however long ago', () => {
  expect(planYield(shown, { shown, ...times })).toBe(Infinity);
  expect(planYield(shown, { shown, nowMs: 1e9, maxQuietMs: 0 })).toBe(Infinity);
});

test('what says something new is due at once', () => {
  expect(planYield({ height: 6n, content: 'sha256:b' }, { shown, ...times })).toBe(0);
});

test('a newer block alone is due when it was quiet long enough', () => {
  expect(planYield({ height: 6n, content: 'sha256:a' }, { shown, ...times })).toBe(300);
  expect(planYield({ height: 6n, content: 'sha256:a' }, { shown, nowMs: 9_999, maxQuietMs: 500 })).toBe(0);
  expect(planYield({ height: 6n, content: 'sha256:a' }, { shown: { ...shown, atMs: -Infinity }, ...times })).toBe(0);
});
