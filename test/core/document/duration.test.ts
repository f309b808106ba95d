import { describe, expect, test } from 'vitest';
import { durationMs } from '../../../core/document/duration.ts';
import { codeOf } from '../support/code-of.ts';

describe('durationMs', () => {
  test.each([
    ['1ms', 1],
    ['30s', 30_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['999999999d', 86_399_999_913_600_000],
  ])('%s is %i ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(['', '0s', '01s', '-1s', '1.5h', '1', 's', '1 s', '1h30m', '1y', '1S', '1s\n', '1e3s', '1234567890s'])(
    '%j is refused',
    (text) => {
      expect(codeOf(() => durationMs(text))).toBe('SCHEMA');
    },
  );
});
