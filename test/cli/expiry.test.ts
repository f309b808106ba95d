import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expiryAt, parseExpiry } from '../../cli/expiry.ts';
import { showTime } from '../../cli/show-time.ts';
import { NEVER } from '../../core/policy.ts';

describe('parseExpiry', () => {
  test.each([
    ['never', NEVER],
    ['30d', 1_000n + 30n * 86_400n],
    ['90s', 1_090n],
    ['1500ms', 1_002n],
    ['2031-01-31', 1_927_584_000n],
    ['2031-01-31T18:00:00Z', 1_927_648_800n],
    ['2031-01-31T18:00:00+02:00', 1_927_641_600n],
  ])('%s', (text, at) => {
    expect(expiryAt(parseExpiry(text), 1_000n)).toBe(at);
  });

  test.each(['', 'forever', '-1d', '0d', '1w', '2031-13-01', '1 d', '1e9d', '2031-02', 'NaN', '31.01.2031'])(
    'refuses %j',
    (text) => {
      expect(() => parseExpiry(text)).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
    },
  );
});

test('showTime writes what parseExpiry reads', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 253_402_300_799n }), (seconds) => {
      expect(expiryAt(parseExpiry(showTime(seconds)), 0n)).toBe(seconds);
    }),
  );
  expect(showTime(NEVER)).toBe('never');
  expect(showTime(NEVER - 1n)).toMatch(/ s$/);
});
