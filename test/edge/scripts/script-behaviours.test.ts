import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createScriptBehaviours } from '../../../edge/behaviours/script/script-behaviours.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { startScript } from './support/start-script.ts';

function setUp(times: { stuckMs?: number; handlerMs?: number; viewMs?: number } = {}) {
  const { handlerMs = 5_000, viewMs = 10_000, stuckMs = 3_000 } = times;
  const behaviours = createScriptBehaviours({
    clock: Date.now,
    backoffMs: 50,
    stuckMs,
    limits: { handlerMs, viewMs },
  });
  onTestFinished(() => behaviours.close());
  return behaviours;
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: PATIENCE_MS, interval: 10 });

const COUNTER = `
import { store, inputs, views, actions, secrets, fetch, log, resource, setTimeout, setInterval, clearInterval } from 'dewproof';
let seen = 0;
let started = 0;
export async function onStart() { started += 1; }
export async function onReading({ input, time, value }) {
  seen += 1;
  await store.put('last', { input, time, value });
  if (value > 30) await actions.invoke('vent', true);
}
export async function view(id, query) {
  const code = async (call) => { try { return await call(); } catch (error) { return error.code; } };
  switch (query.what) {
    case 'ask': return {
      latest: await inputs.latest('temperature'),
      range: await inputs.range('temperature', { from: 5 }),
      now: await views.read('now', { limit: 5 }),
      none: (await store.get('nothing')) === undefined,
      secret: await secrets.get('api-key'),
      json: await (await fetch('https://weather.example/v1')).json(),
      ids: inputs.ids(),
    };
    case 'refused': return {
      latest: await code(() => inputs.latest('other')),
      view: await code(() => views.read('other')),
      act: await code(() => actions.invoke('other', 1)),
      secret: await code(() => secrets.get('other')),
      fetch: await code(() => fetch('http://127.0.0.1/')),
      schema: await code(() => store.put(5, 5)),
    };
    case 'throw': throw new Error('hm');
    case 'nothing': throw Object.assign(new Error('no such barn'), { code: 'NOT_FOUND' });
    default: return { id, resource, seen, started, last: await store.get('last') };
  }
}
console.log('loaded', { a: 1 });
`;

describe('a script', () => {
  test('is told readings once it took over, and reaches what its document names', async () => {
    const { behaviour, recorded, deliver, view } = await startScript(setUp(), COUNTER);
    deliver(1);
    await behaviour.takeOver();
    deliver(20);
    deliver(31);
    await until(() => {
      expect(recorded.acts).toEqual([{ action: 'vent', value: true }]);
    });
    expect(await view()).toEqual({
      id: 'state',
      resource: { tenant: 'greenfields', name: 'barn-climate', version: 3 },
      seen: 2,
      started: 1,
      last: { input: 'temperature', time: 1_700_000_000_000, value: 31 },
    });
    expect(await view({ what: 'ask' })).toEqual({
      latest: { time: 1000, value: 21 },
      range: [{ time: 5, value: 20 }],
      now: { reading: { value: 21 } },
      none: true,
      secret: 'hush',
      json: { rain: 1 },
      ids: ['temperature'],
    });
    expect(recorded.logs).toEqual(['info loaded {"a":1}']);
    expect(behaviour.dropped()).toEqual({});
  });

  test('sees refusals as errors with their codes', async () => {
    const { behaviour, view } = await startScript(setUp(), COUNTER);
    await behaviour.takeOver();
    expect(await view({ what: 'refused' })).toEqual({
      latest: 'NOT_FOUND',
      view: 'NOT_FOUND',
      act: 'NOT_FOUND',
      secret: 'NOT_FOUND',
      fetch: 'FORBIDDEN',
      schema: 'SCHEMA',
    });
  });

  test('answers its callers with codes where it fails', async () => {
    const { behaviour, recorded, view } = await startScript(setUp(), COUNTER);
    await behaviour.takeOver();
    await expect(view({ what: 'throw' })).rejects.toMatchObject({ code: 'SCRIPT_ERROR' });
    await expect(view({ what: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'no such barn' });
    expect(recorded.logs).toContainEqual(expect.stringMatching(/^error Error: hm at line 31, column \d+$/));
  });

  test.each([
    ['a syntax error', 'export const a = 1;\nlet b = ;', 'line 2, column 9'],
    ['what throws', 'let x = 1;\nthrow new Error("hm");', 'Error: hm at line 2'],
    ['an import of anything else', 'import "node:fs";', "imports from 'dewproof' alone"],
    ['an export that is no function', 'export const onReading = 5;', 'onReading is not a function'],
    ['what never comes to an end', 'while (true);', 'processor time'],
    ['a top level that waits', 'await new Promise(() => {});', 'its top level waits'],
    ['a call before it is in charge', 'import { store } from "dewproof"; await store.get("a");', 'Before onStart()'],
    ['names that the module lacks', 'import { nothing } from "dewproof";', 'nothing'],
  ])('does not start with %s', async (_, source, message) => {
    await expect(startScript(setUp(), source)).rejects.toMatchObject({
      code: 'SCRIPT_ERROR',
      message: expect.stringContaining(message) as string,
    });
  });

  test('has timers, which begin when it takes over', async () => {
    const source = `
      import { setTimeout, setInterval, clearInterval, actions } from 'dewproof';
      let ticks = 0;
      setTimeout((word) => actions.invoke('vent', word), 1, 'once');
      const id = setInterval(() => { ticks += 1; actions.invoke('vent', ticks); if (ticks === 2) clearInterval(id); }, 1);
    `;
    const { behaviour, recorded } = await startScript(setUp(), source);
    await behaviour.takeOver();
    await until(() => {
      expect(recorded.acts.map(({ value }) => value)).toEqual(['once', 1, 2]);
    });
  });

  test('tells the next reading when the handler of the last one settled', async () => {
    const source = `
      import { store, setTimeout } from 'dewproof';
      let running = 0, most = 0;
      export async function onReading() {
        running += 1; most = Math.max(most, running);
        await new Promise((done) => setTimeout(done, 1));
        running -= 1;
        await store.put('most', most);
      }`;
    const { behaviour, recorded, deliver } = await startScript(setUp(), source);
    await behaviour.takeOver();
    for (let value = 0; value < 5; value += 1) deliver(value);
    await until(() => {
      expect(recorded.store.get('most')).toBe(1);
    });
    expect(behaviour.dropped()).toEqual({});
  });

  test('drops what comes faster than it takes it in, and counts it', async () => {
    const { behaviour, deliver, view } = await startScript(setUp(), COUNTER);
    await behaviour.takeOver();
    for (let value = 0; value < 3_000; value += 1) deliver(value % 30);
    expect(behaviour.dropped()['queue-full']).toBeGreaterThan(1_900);
    await until(async () => {
      const { seen } = (await view()) as { seen: number };
      expect(seen).toBe(3_000 - (behaviour.dropped()['queue-full'] ?? 0));
    });
  });

  test('does nothing more once it was stopped', async () => {
    const source = `
      import { setInterval, actions } from 'dewproof';
      export function onStart() { setInterval(() => actions.invoke('vent', 1), 100); }`;
    const behaviours = setUp();
    const other = await startScript(behaviours, COUNTER, { name: 'other' });
    await other.behaviour.takeOver();
    const { behaviour, recorded, view } = await startScript(behaviours, source);
    await behaviour.takeOver();
    await until(() => {
      expect(recorded.acts.length).toBeGreaterThan(0);
    });
    await behaviour.stop();
    const done = recorded.acts.length;
    await expect(view()).rejects.toMatchObject({ code: 'UNHEALTHY' });
    const beganMs = performance.now();
    await until(() => {
      expect(performance.now() - beganMs).toBeGreaterThan(300);
    });
    expect(recorded.acts).toHaveLength(done);
    expect(await other.view()).toMatchObject({ seen: 0 });
  });

  test('is unwell while it waits to be started again, and then goes on', async () => {
    const source = `
      import { store } from 'dewproof';
      let starts = 0;
      export async function onStart() { await store.put('starts', ((await store.get('starts')) ?? 0) + 1); }
      export async function onReading({ value }) { if (value === 13) for (;;) await null; await store.put('last', value); }`;
    const { behaviour, recorded, deliver } = await startScript(setUp(), source, { limits: { cpuPercent: 100 } });
    const probe = () => behaviour.probe(new AbortController().signal);
    await behaviour.takeOver();
    await probe();
    const seen: unknown[] = [];
    // It may be interrupted instead of broken: then it is told again.
    await vi.waitFor(
      async () => {
        deliver(13);
        await probe().catch((error: unknown) => seen.push((error as { code: unknown }).code));
        expect(seen).toEqual(['UNHEALTHY']);
      },
      { timeout: PATIENCE_MS, interval: 5 },
    );
    await until(async () => {
      await probe();
      deliver(7);
      expect(recorded.store.get('last')).toBe(7);
    });
    expect(recorded.store.get('starts')).toBeGreaterThan(1);
    expect(recorded.failures).toEqual([]);
  });

  test('is not started once its start was given up', async () => {
    const behaviours = setUp();
    const abort = new AbortController();
    const starting = startScript(behaviours, COUNTER, { signal: abort.signal });
    abort.abort(new Error('given up'));
    await expect(starting).rejects.toThrow('given up');
    const next = await startScript(behaviours, COUNTER);
    await next.behaviour.takeOver();
    expect(await next.view()).toMatchObject({ seen: 0 });
  });

  test.each([
    ['too large a script', `//${'x'.repeat(600_000)}`, {}, 'ENDLESS_DATA'],
    ['one that is not UTF-8', Buffer.from([0xff]), {}, 'SCRIPT_ERROR'],
    ['one with more after a NUL', 'export const a = 1;\0 hidden', {}, 'SCRIPT_ERROR'],
    ['one that wants more memory than a device gives', 'export const a = 1;', { memoryMiB: 600 }, 'UNSUPPORTED'],
  ])('is not started where it is %s', async (_, source, limits, code) => {
    await expect(startScript(setUp(), source, { limits })).rejects.toMatchObject({ code });
  });
});
