import { expect, test } from 'vitest';
import { isoTime } from '../../platform/clock.ts';

test.each([
  [0n, '1970-01-01T00:00:00.000Z'],
  [1_700_000_000n, '2023-11-14T22:13:20.000Z'],
  [8_640_000_000_000n, '+275760-09-13T00:00:00.000Z'],
  [8_640_000_000_001n, '+275760-09-13T00:00:00.000Z'],
  [2n ** 64n - 1n, '+275760-09-13T00:00:00.000Z'],
])('%i seconds are shown whatever signers say', (seconds, shown) => {
  expect(isoTime(seconds)).toBe(shown);
});
