import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasLowS } from '../../core/low-s.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const scalar = (value: bigint) => value.toString(16).padStart(64, '0');
const withS = (s: bigint, r = 1n) => `0x${scalar(r)}${scalar(s)}1b` as const;

test('of a signature and its other form one has a low s, whatever r is', () => {
  const any = fc.bigInt({ min: 1n, max: ORDER - 1n });
  fc.assert(
    fc.property(any, any, (s, r) => {
      expect(hasLowS(withS(s, r))).toBe(!hasLowS(withS(ORDER - s, r)));
      expect(hasLowS(withS(s, r))).toBe(s <= ORDER / 2n);
    }),
  );
});

test('half the order is low, and one more is not', () => {
  expect(hasLowS(withS(ORDER / 2n))).toBe(true);
  expect(hasLowS(withS(ORDER / 2n + 1n))).toBe(false);
});
