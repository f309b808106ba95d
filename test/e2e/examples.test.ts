import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { urlOfResource } from '../../scripts/example/example.ts';
import { exampleNames, loadExample } from '../../scripts/example/load-example.ts';
import { openExample, type OpenExample } from '../../scripts/example/open-example.ts';
import { isInstalled } from '../../scripts/example/verify-needs.ts';
import { waitFor } from '../../scripts/site/status.ts';

const run = promisify(execFile);
const patience = { timeoutMs: 120_000, everyMs: 250 };

const lacking = new Map<string, string>();
for (const name of exampleNames) {
  for (const need of (await loadExample(name)).needs) {
    if (!(await isInstalled(need.command))) lacking.set(name, `needs Debian's ${need.package}`);
  }
}

/** Opens an example as `npm run example -- NAME` does; closed with the test. */
async function open(name: (typeof exampleNames)[number]): Promise<OpenExample> {
  const folder = await mkdtemp(join(tmpdir(), 'dewproof-example-'));
  const options = { name, folder: join(folder, 'site'), step: () => undefined, signal: new AbortController().signal };
  const opened = await openExample(options);
  onTestFinished(async () => {
    await opened.site.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return opened;
}

async function curl(url: string, ...options: readonly string[]): Promise<string> {
  return (await run('curl', ['-sS', '--fail-with-body', ...options, url])).stdout;
}

interface ViewAnswer {
  readonly reading?: { readonly value: unknown } | null;
  readonly readings?: readonly { readonly value: unknown }[];
  readonly windows?: readonly Readonly<Record<string, unknown>>[];
}

/** Asks a view until `accept` is content with the answer. */
function viewOf({ site }: OpenExample, resource: string) {
  return <T>(view: string, accept: (answer: ViewAnswer) => T | undefined): Promise<T> =>
    waitFor(
      `${resource}/${view}`,
      async () => accept(JSON.parse(await curl(`${urlOfResource(site, resource)}/views/${view}`)) as ViewAnswer),
      patience,
    );
}

const valueOf = ({ reading }: ViewAnswer) => reading?.value;

describe('the examples', () => {
  test('climate: a script averages, tells how it feels, and raises an alert that a foreign client hears', async () => {
    const opened = await open('climate');
    const view = viewOf(opened, 'barn-air');
    const [edge] = opened.site.edges;
    const port = new URL(edge?.mqttUrl ?? '').port;
    expect(await view('now', valueOf)).toBeTypeOf('number');
    const heard = run('mosquitto_sub', ['-p', port, '-t', 'barn/alert', '-C', '1', '-W', '240']);
    const answer = await waitFor(
      'the script to compute',
      async () => {
        const text = await curl(`${urlOfResource(opened.site, 'barn-air')}/views/comfort`);
        return text.includes('"index":null') ? undefined : text;
      },
      patience,
    );
    expect(answer).toMatch(/comfortable|warm|oppressive/);
    const alert = waitFor(
      'the alert',
      async () => {
        await run('mosquitto_pub', ['-p', port, '-q', '1', '-t', 'barn/7/temperature', '-m', '80']);
        return await view('alerts', ({ readings }) => readings ?? []).then((all) => (all.length > 0 ? all : undefined));
      },
      patience,
    );
    expect((await heard).stdout).toMatch(/^too hot: \d/);
    expect((await alert)[0]?.value).toMatch(/^too hot/);
  });

  test.skipIf(lacking.has('energy-meter'))(
    'energy meter: counters over HTTP become rates, in JSON and CSV',
    async () => {
      const opened = await open('energy-meter');
      const view = viewOf(opened, 'meter');
      expect(await view('power', valueOf)).toBeGreaterThan(0);
      const used = await view('used', ({ windows }) => windows?.find(({ delta }) => Number(delta) > 0));
      expect(used['rate']).toBeGreaterThan(0);
      const csv = await curl(`${urlOfResource(opened.site, 'meter')}/views/load`, '-H', 'accept: text/csv');
      expect(csv).toMatch(/p95/);
    },
  );

  test('door: it is observed, and locked by a rule and by who may', async (context) => {
    if (lacking.has('door')) return context.skip(lacking.get('door'));
    const opened = await open('door');
    const { site, field } = opened;
    const view = viewOf(opened, 'door');
    const [door = '', lock = ''] = [field.bindings['door'], field.bindings['lock']];
    const lockOf = async () => (await run('coap-client-notls', ['-m', 'get', '-B', '20', lock])).stdout.trim();
    await waitFor('the rule to lock it', async () => ((await lockOf()) === 'locked' ? true : undefined), patience);
    await run('coap-client-notls', ['-m', 'put', '-B', '20', '-e', 'open', door]);
    expect(await view('now', (answer) => (valueOf(answer) === 'open' ? 'open' : undefined))).toBe('open');
    const action = `${urlOfResource(site, 'door')}/actions/lock`;
    await site.run('operator', ['call', '-X', 'POST', '-d', '{"value":"unlocked"}', action]);
    expect(await lockOf()).toBe('unlocked');
    await expect(run('curl', ['-sS', '--fail', '-d', '{"value":"locked"}', action])).rejects.toThrow(/401/);
  });

  test('wearable: a heart rate over Bluetooth, as BlueZ tells it', async (context) => {
    if (lacking.has('wearable')) return context.skip(lacking.get('wearable'));
    const view = viewOf(await open('wearable'), 'vitals');
    expect(await view('now', valueOf)).toBeGreaterThan(20);
    const windows = await view('minutely', (answer) => answer.windows);
    expect(windows[0]?.['p95']).toBeTypeOf('number');
  });

  test('irrigation: rules move a pump and a virtual valve, and stop them again', async () => {
    const opened = await open('irrigation');
    const view = viewOf(opened, 'plot');
    const isOpened = await view('watering', ({ readings = [] }) => {
      const values = readings.map(({ value }) => value);
      return values.includes(true) && values.includes(false) ? values : undefined;
    });
    expect(isOpened.length).toBeGreaterThanOrEqual(2);
    const moisture = await view('moisture', valueOf);
    expect(moisture).toBeTypeOf('number');
  });
});
