import { describe, expect, test } from 'vitest';
import { DewproofError, errorCodes } from '../../../core/errors.ts';
import { parseProblem, problemOf } from '../../../core/wire/problem.ts';
import { codeOf } from '../support/code-of.ts';

describe('problemOf', () => {
  test.each(errorCodes)('%s is carried there and back', (code) => {
    const problem = problemOf(new DewproofError(code, 'What happened; what to do.'));
    expect(problem).toMatchObject({ code, title: code, detail: 'What happened; what to do.' });
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(parseProblem(JSON.parse(JSON.stringify(problem)))).toEqual(problem);
  });

  test('tells nothing of errors that were not foreseen, nor of details', () => {
    const secret = 'password is hunter2';
    const error = new DewproofError('CONFIG', 'Bad.', { cause: new Error(secret), details: { secret } });
    for (const thrown of [new Error(secret), secret, error])
      expect(JSON.stringify(problemOf(thrown))).not.toContain(secret);
    expect(problemOf(new Error(secret))).toMatchObject({ code: 'INTERNAL', status: 500 });
  });

  test.each([
    ['UNAUTHENTICATED', 401],
    ['FORBIDDEN', 403],
    ['NOT_FOUND', 404],
    ['ENDLESS_DATA', 413],
    ['LEDGER_UNAVAILABLE', 503],
  ] as const)('%s is answered with %i', (code, status) => {
    expect(problemOf(new DewproofError(code, 'x')).status).toBe(status);
  });
});

describe('parseProblem', () => {
  const good = problemOf(new DewproofError('NOT_FOUND', 'No.'));

  test('passes over members that it does not know (RFC 9457 section 3.2)', () => {
    expect(parseProblem({ ...good, balance: 30 })).toEqual(good);
  });

  test.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['text', 'Bad gateway'],
    ['a list', []],
    ['no code', { ...good, code: undefined }],
    ['an unknown code', { ...good, code: 'TEAPOT' }],
    ['a status that is none', { ...good, status: 200 }],
    ['a long detail', { ...good, detail: 'x'.repeat(5_000) }],
  ])('refuses %s', (_, value) => {
    expect(codeOf(() => parseProblem(value))).toBe('SCHEMA');
  });
});
