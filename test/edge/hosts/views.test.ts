import { describe, expect, test } from 'vitest';
import { csvOf } from '../../../edge/http/csv.ts';
import { findView } from '../../../edge/hosts/answer-view.ts';
import type { ViewAnswer } from '../../../edge/hosts/view-answer.ts';
import { resource } from '../../core/support/samples.ts';
import { startTestHost } from '../support/resource-host.ts';

const payload = (rest: object) => ({ format: 'json', ...rest });
const inputs = [
  { id: 'temperature', push: true, payload: payload({ unit: '°C' }) },
  { id: 'humidity', push: true, payload: payload({}) },
  { id: 'note', push: true, payload: payload({ type: 'text' }) },
  { id: 'door', push: true, payload: payload({ type: 'boolean' }) },
];
const views = [
  { id: 'now', input: 'temperature', latest: true },
  { id: 'notes', input: 'note', range: true },
  { id: 'both', join: ['temperature', 'note'], latest: true },
  { id: 'minutes', input: 'temperature', window: '1m', aggregate: ['p95', 'mean', 'rate'] },
  { id: 'days', input: 'temperature', window: '1d', aggregate: ['count'], timezone: 'Europe/Berlin' },
  {
    id: 'side',
    join: ['temperature', 'humidity'],
    window: '1m',
    aggregate: ['mean', 'last'],
    timezone: 'Asia/Kathmandu',
  },
];

async function setUp(startMs = Date.UTC(2026, 0, 1)) {
  const { host, time } = await startTestHost({ startMs, spec: { inputs, views } });
  const push = (input: string, value: unknown) => host.push(input, Buffer.from(JSON.stringify(value)));
  const answer = async (view: string, query = {}) => (await host.answerView(view, query)) as ViewAnswer;
  const document = resource({ inputs, views });
  const csv = async (view: string, query = {}) => csvOf(findView(view, document), await answer(view, query));
  return { time, push, answer, csv };
}

describe('views', () => {
  test('join the latest values of several inputs', async () => {
    const { push, answer, csv } = await setUp();
    expect(await csv('both')).toBe('temperature.time,temperature.value,note.time,note.value\r\n,,,\r\n');
    await push('temperature', 20.5);
    expect(await answer('both')).toMatchObject({
      units: { temperature: '°C' },
      latest: { temperature: { time: '2026-01-01T00:00:00.000Z', value: 20.5 }, note: null },
    });
    await push('note', 'hot, "very"');
    expect(await csv('both')).toBe(
      'temperature.time,temperature.value,note.time,note.value\r\n' +
        '2026-01-01T00:00:00.000Z,20.5,2026-01-01T00:00:00.000Z,"hot, ""very"""\r\n',
    );
  });

  test('join windows side by side, with nothing where one has none', async () => {
    const { time, push, answer, csv } = await setUp();
    await push('temperature', 20);
    await push('humidity', 50);
    time.nowMs += 60_000;
    await push('humidity', 60);
    await push('humidity', 70);
    expect(await answer('side')).toMatchObject({
      window: '1m',
      timezone: 'Asia/Kathmandu',
      windows: [
        {
          from: '2026-01-01T00:00:00.000Z',
          offset: '+05:45',
          values: { temperature: { mean: 20, last: 20 }, humidity: { mean: 50, last: 50 } },
        },
        { from: '2026-01-01T00:01:00.000Z', values: { temperature: null, humidity: { mean: 65, last: 70 } } },
      ],
    });
    expect(await csv('side')).toBe(
      'from,to,offset,temperature.mean,temperature.last,humidity.mean,humidity.last\r\n' +
        '2026-01-01T00:00:00.000Z,2026-01-01T00:01:00.000Z,+05:45,20,20,50,50\r\n' +
        '2026-01-01T00:01:00.000Z,2026-01-01T00:02:00.000Z,+05:45,,,65,70\r\n',
    );
    const first = await answer('side', { limit: '1' });
    expect(first).toMatchObject({ windows: [{ offset: '+05:45' }] });
    const { next } = first as { next: string };
    expect(await answer('side', { next })).toMatchObject({ windows: [{ from: '2026-01-01T00:01:00.000Z' }] });
  });

  test('follow the days of a time zone, the 23 hours of one included', async () => {
    const { time, push, answer, csv } = await setUp(Date.parse('2026-03-28T22:30:00Z'));
    for (let hour = 0; hour < 26; hour += 1) {
      await push('temperature', hour);
      time.nowMs += 3_600_000;
    }
    expect(await csv('days')).toBe(
      'from,to,offset,count\r\n' +
        '2026-03-27T23:00:00.000Z,2026-03-28T23:00:00.000Z,+01:00,1\r\n' +
        '2026-03-28T23:00:00.000Z,2026-03-29T22:00:00.000Z,+01:00,23\r\n' +
        '2026-03-29T22:00:00.000Z,2026-03-30T22:00:00.000Z,+02:00,2\r\n',
    );
    const part = await answer('days', { from: '2026-03-29T05:00:00+02:00', to: '2026-03-30T00:00:00+02:00' });
    expect(part).toMatchObject({ windows: [{ count: 23 }] });
    expect((part as unknown as { windows: unknown[] }).windows).toHaveLength(1);
  });

  test('answer percentiles, and a rate once there are two values', async () => {
    const { time, push, answer, csv } = await setUp();
    await push('temperature', 20);
    expect(await answer('minutes')).toMatchObject({ windows: [{ p95: 20, mean: 20, rate: null }] });
    time.nowMs += 10_000;
    await push('temperature', 30);
    expect(await csv('minutes')).toBe(
      'from,to,p95,mean,rate\r\n2026-01-01T00:00:00.000Z,2026-01-01T00:01:00.000Z,30,25,1\r\n',
    );
  });

  test.each([
    ['=1+2', "'=1+2"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ["'=1", "''=1"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
    ['=HYPERLINK("http://a","b")', '"\'=HYPERLINK(""http://a"",""b"")"'],
    ['\r\n', '"\'\r\n"'],
    ['', '""'],
    ['a=1', 'a=1'],
    ['a\nb', '"a\nb"'],
  ])('write the text %j so that no spreadsheet takes it for a formula', async (text, field) => {
    const { push, csv } = await setUp();
    await push('note', text);
    expect(await csv('notes')).toBe(`time,value\r\n2026-01-01T00:00:00.000Z,${field}\r\n`);
  });

  test('leave numbers below zero as they are', async () => {
    const { push, csv } = await setUp();
    await push('temperature', -5);
    expect(await csv('now')).toBe('time,value\r\n2026-01-01T00:00:00.000Z,-5\r\n');
  });
});
