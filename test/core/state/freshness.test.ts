import { expect, test } from 'vitest';
import { freshnessOf, worstOf } from '../../../core/state/freshness.ts';

const anchor = { staleAfter: 100, maxStaleness: 1000 };

test.each([
  [1000n, 'FRESH'],
  [1099n, 'FRESH'],
  [1100n, 'STALE'],
  [2000n, 'STALE'],
  [2001n, 'FROZEN'],
  // Vouched for after now: the device's own time is behind.
  [500n, 'FRESH'],
])('what was vouched for at 1000 is at %s %s', (now, expected) => {
  expect(freshnessOf({ vouchedAt: 1000n, now, anchor })).toBe(expected);
});

test('a node that is trusted vouches for no time', () => {
  expect(freshnessOf({ vouchedAt: undefined, now: 10n ** 12n, anchor })).toBe('FRESH');
});

test('what rests on several facts is as old as the oldest', () => {
  expect(worstOf([])).toBe('FRESH');
  expect(worstOf(['FRESH', 'FROZEN', 'STALE'])).toBe('FROZEN');
  expect(worstOf(['STALE', 'FRESH'])).toBe('STALE');
});
