import { describe, expect, test } from 'vitest';
import { DewproofError, errorCodes } from '../../core/errors.ts';
import { exitCodeOf, exitCodes } from '../../core/exit-codes.ts';

describe('exitCodeOf', () => {
  test.each([
    ['USAGE', 64],
    ['LEDGER_UNAVAILABLE', 69],
    ['DEW_UNAVAILABLE', 69],
    ['DAEMON_UNAVAILABLE', 69],
    ['LEDGER_BEHIND', 75],
    ['TIMEOUT', 75],
    ['REVOKED', 77],
    ['FORBIDDEN', 77],
    ['OWN_PROPOSAL', 77],
    ['CONFIG', 78],
    ['WRONG_PASSWORD', 78],
    ['SCHEMA', 1],
    ['INTERNAL', 1],
  ] as const)('%s exits with %i', (code, exit) => {
    expect(exitCodeOf(new DewproofError(code, 'x'))).toBe(exit);
  });

  test('no error is taken for success or for a difference', () => {
    const { ok, differs } = exitCodes;
    for (const code of errorCodes) expect([ok, differs]).not.toContain(exitCodeOf(new DewproofError(code, 'x')));
    for (const thrown of [new Error('x'), 'x', undefined]) expect(exitCodeOf(thrown)).toBe(1);
  });
});
