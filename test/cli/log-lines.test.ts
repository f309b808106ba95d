import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { parseResource, parseSince } from '../../cli/commands/logs.ts';
import { formatLogEntry } from '../../cli/rows/log-lines.ts';

const entry = {
  seq: 7,
  time: 1_700_000_000_000,
  level: 40,
  name: 'edge',
  pid: 1,
  hostname: 'barn',
  resource: 'greenfields/climate',
  source: 'script',
  code: 'ROLLBACK',
  error: { type: 'DewproofError', message: 'two words', stack: 'a\nb' },
  msg: 'older',
};
const evil = { ...entry, msg: '\u001b[2J\u009b31m\u202egnp\r\nforged', resource: 'a\u0007/b', code: 'x\u0000y' };

describe('a log entry', () => {
  test('is one line in a table', async () => {
    expect(await formatLogEntry(entry, 'table')).toBe(
      '2023-11-14T22:13:20.000Z  WARN   greenfields/climate  older  source=script  code=ROLLBACK  error="two words"\n',
    );
    expect(await formatLogEntry({ seq: 1, time: 0, level: 30, msg: 'began' }, 'table')).toBe(
      '1970-01-01T00:00:00.000Z  INFO   -  began\n',
    );
  });

  test('is a line of JSON, and an item of a YAML list', async () => {
    const json = await formatLogEntry(entry, 'json');
    expect(json.split('\n')).toHaveLength(2);
    expect(JSON.parse(json)).toEqual({ ...entry, seq: undefined });
    const yaml = (await formatLogEntry(entry, 'yaml')) + (await formatLogEntry(entry, 'yaml'));
    expect(parse(yaml)).toMatchObject([{ msg: 'older' }, { msg: 'older' }]);
  });

  test.each(['table', 'json', 'yaml'] as const)('sends no control character to a terminal as %s', async (format) => {
    const text = await formatLogEntry(evil, format);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    if (format !== 'yaml') expect(text.trimEnd()).not.toContain('\n');
    expect(text).toMatch(/\\u001b|\\e/);
    if (format === 'json') expect(JSON.parse(text)).toMatchObject({ msg: evil.msg, resource: evil.resource });
  });
});

test('what is asked for is checked', () => {
  expect(parseResource('greenfields/climate')).toBe('greenfields/climate');
  for (const wrong of ['', 'a/b/c', 'A', '../x', 'a/']) expect(() => parseResource(wrong)).toThrow(TypeError);
  expect(parseSince('10m')).toEqual({ agoMs: 600_000 });
  expect(parseSince('1970-01-01T00:00:01Z')).toEqual({ atMs: 1000 });
  for (const wrong of ['yesterday', '', '10', '10y', '2031-13-01']) expect(() => parseSince(wrong)).toThrow();
});
