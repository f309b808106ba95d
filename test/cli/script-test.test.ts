import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runDewproof } from './run-dewproof.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const script = join(root, 'examples/climate/barn-air.js');
const document = join(root, 'examples/climate/barn-air.yaml');

/** Files of the test's own, by name. */
function write(files: Readonly<Record<string, string>>): (name: string) => string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

const linesOf = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const minute = (index: number) => new Date(Date.UTC(2026, 4, 1, 6, index)).toISOString();
const hotDay = linesOf([
  { time: minute(0), input: 'humidity', value: 50 },
  ...[1, 2, 3, 4, 5].map((index) => ({ time: minute(index), input: 'temperature', value: 40 })),
  { time: minute(6), view: 'comfort' },
]);
const text = 'too hot: 40.0 °C on average';
const deeds = linesOf([
  { time: minute(5), did: 'put', key: 'hot', value: true },
  { time: minute(5), did: 'log', level: 'info', text },
  { time: minute(5), did: 'action', action: 'alert', value: text },
  { time: minute(6), did: 'view', view: 'comfort', value: { index: 33, feels: 'oppressive' } },
]);

describe('dewproof script test', () => {
  test('prints what a script does with recorded readings, and compares it', async () => {
    const at = write({ 'day.ndjson': hotDay, same: deeds, other: deeds.replace('true', 'false') });
    const words = ['script', 'test', script, '--readings', at('day.ndjson'), '--document', document];
    expect(await runDewproof([...words, '--expect', at('same')])).toMatchObject({
      exitCode: 0,
      stdout: deeds,
      stderr: '',
    });
    const differing = await runDewproof([...words, '--expect', at('other')]);
    expect(differing).toMatchObject({ exitCode: 2, stdout: deeds });
    expect(differing.stderr).toContain('differs at line 1');
  });

  test('has time pass at once, and timers fire in it in order', async () => {
    const at = write({
      'timers.js': `
        import { setInterval, setTimeout, log } from 'dewproof';
        setInterval(() => log.info('hourly', new Date().toISOString()), 3_600_000);
        export async function onReading() {
          await new Promise((done) => setTimeout(done, 5_000));
          log.info('later', Date.now() % 60_000, Math.random());
        }`,
      'day.ndjson': linesOf([{ time: 0, input: 'a', value: 1 }, { time: '1970-01-01T02:30:00Z' }]),
    });
    const words = ['script', 'test', at('timers.js'), '--readings', at('day.ndjson')];
    const first = await runDewproof(words);
    expect(
      first.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { text: string }).text),
    ).toEqual([
      expect.stringMatching(/^later 5000 0\.\d+$/),
      'hourly 1970-01-01T01:00:00.000Z',
      'hourly 1970-01-01T02:00:00.000Z',
    ]);
    expect((await runDewproof(words)).stdout).toBe(first.stdout);
  });

  test.each([
    ['throws at its top level', 'throw new Error("hm");', 'does not load: Error: hm at line 1'],
    ['fails at a reading', 'export const onReading = () => missing;', 'failed 1 times'],
    ['takes too long', 'export function onReading() { while (true); }', 'failed 1 times'],
    ['goes on without end', 'export async function onReading() { for (;;) await null; }', 'The script '],
    ['is no UTF-8', '\ud800', ''],
  ])('exits with 1 where a script %s', async (what, source, message) => {
    const at = write({ 'day.ndjson': linesOf([{ time: 0, input: 'a', value: 1 }]), 'bad.js': source });
    if (what === 'is no UTF-8') writeFileSync(at('bad.js'), Buffer.from([0xff, 0xfe]));
    const { exitCode, code, stderr } = await runDewproof([
      'script',
      'test',
      at('bad.js'),
      '--readings',
      at('day.ndjson'),
    ]);
    expect({ exitCode, code }).toEqual({ exitCode: 1, code: 'SCRIPT_ERROR' });
    expect(stderr).toContain(message);
  });

  test.each([
    ['no JSON', 'temperature=5', 'Line 1'],
    ['time that goes back', '{"time":5}\n\n{"time":4}', 'Line 3'],
    ['an input that the document lacks', '{"time":5,"input":"co2","value":1}', 'no input co2'],
    ['another type', '{"time":5,"input":"temperature","value":"hot"}', 'expected a number'],
    ['a view that is not computed', '{"time":5,"view":"now"}', 'no computed view now'],
  ])('refuses readings with %s', async (_, readings, message) => {
    const at = write({ 'day.ndjson': readings });
    const words = ['script', 'test', script, '--readings', at('day.ndjson'), '--document', document];
    const { exitCode, code, stderr } = await runDewproof(words);
    expect({ exitCode, code }).toEqual({ exitCode: 1, code: 'SCHEMA' });
    expect(stderr).toContain(message);
  });

  test('does for a script what its document names, and nothing else', async () => {
    const at = write({
      'try.js': `
        import { actions, fetch, secrets, store, views, log } from 'dewproof';
        export async function onStart() {
          const calls = [
            () => actions.invoke('gate', 1), () => actions.invoke('alert', 5), () => fetch('https://a.example/'),
            () => secrets.get('key'), () => views.read('none'), () => store.put('', 1),
          ];
          for (const call of calls) await call().catch((error) => log.info(error.code));
        }`,
      'day.ndjson': '{"time":0}',
    });
    const words = ['script', 'test', at('try.js'), '--readings', at('day.ndjson'), '--document', document];
    const { stdout } = await runDewproof(words);
    const codes = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text);
    expect(codes).toEqual(['NOT_FOUND', 'SCHEMA', 'FORBIDDEN', 'NOT_FOUND', 'NOT_FOUND', 'SCHEMA']);
  });
});
