import { describe, expect, test } from 'vitest';
import { createRefusals } from '../../edge/refusals.ts';
import { createLog } from '../../platform/log.ts';

function setUp() {
  const time = { nowMs: Date.UTC(2026, 0, 1) };
  const lines: string[] = [];
  const log = createLog({ name: 'test', level: 'info' }, { write: (line) => lines.push(line) });
  return { time, lines, refusals: createRefusals({ clock: () => time.nowMs, log }) };
}

describe('refusals', () => {
  test('are counted, each with its last message, and logged once an hour', () => {
    const { time, lines, refusals } = setUp();
    for (let index = 0; index < 1000; index += 1) {
      refusals.record({ about: 'dew', code: 'DEW_UNAVAILABLE', message: `try ${index}` });
      time.nowMs += 10_000;
    }
    expect(refusals.list()).toMatchObject([
      { code: 'DEW_UNAVAILABLE', message: 'try 999', count: 1000, first: '2026-01-01T00:00:00.000Z' },
    ]);
    expect(lines).toHaveLength(3);
  });

  test('of another code or about another thing are others', () => {
    const { refusals } = setUp();
    for (const about of ['a', 'b']) {
      for (const code of ['REVOKED', 'ROLLBACK'] as const) refusals.record({ about, code, message: code });
    }
    expect(refusals.list()).toHaveLength(4);
    expect(refusals.last('a')).toMatchObject({ code: 'ROLLBACK', count: 1 });
    refusals.record({ about: 'a', code: 'REVOKED', message: 'again' });
    expect(refusals.last('a')).toMatchObject({ code: 'REVOKED', count: 2 });
  });

  test('that are settled are gone, those of another code or about another thing are not', () => {
    const { refusals, lines } = setUp();
    for (const about of ['a', 'b']) {
      for (const code of ['NOT_PROVED', 'ROLLBACK'] as const) refusals.record({ about, code, message: code });
    }
    refusals.settle({ about: 'a', code: 'NOT_PROVED' });
    refusals.settle({ about: 'c', code: 'NOT_PROVED' });
    expect(refusals.list().map(({ about, code }) => `${about} ${code}`)).toEqual([
      'a ROLLBACK',
      'b NOT_PROVED',
      'b ROLLBACK',
    ]);
    // It comes back as news.
    refusals.record({ about: 'a', code: 'NOT_PROVED', message: 'again' });
    expect(refusals.last('a')).toMatchObject({ code: 'NOT_PROVED', count: 1 });
    expect(lines).toHaveLength(5);
  });

  test('stay bounded, whoever provokes them', () => {
    const { refusals } = setUp();
    for (let index = 0; index < 5000; index += 1) {
      refusals.record({ about: `ghost-${index}`, code: 'NOT_APPROVED', message: 'unknown' });
    }
    expect(refusals.list()).toHaveLength(2000);
    expect(refusals.last('ghost-4999')).toBeDefined();
  });
});
