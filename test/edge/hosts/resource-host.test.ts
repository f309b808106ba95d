import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createResourceHost, type Logic } from '../../../edge/hosts/resource-host.ts';
import { createTransports } from '../../../edge/transports/create-transports.ts';
import type { StartBehaviour } from '../../../edge/behaviours/behaviour.ts';
import type { Bus, BusMessage } from '../../../edge/bus/bus.ts';
import { filtersOverlap } from '../../../edge/bus/topic-filters.ts';
import { createReadingsStore } from '../../../edge/readings/readings-store.ts';
import { DewproofError } from '../../../core/errors.ts';
import { verifyConfiguration } from '../../../core/verify.ts';
import { rawResource } from '../../core/support/samples.ts';
import { questionAt } from '../../core/support/site.ts';
import { eventually } from '../support/test-edge.ts';
import { createTestReach } from '../support/test-reach.ts';
import { openTestLevel } from '../support/test-store.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);

/** A bus whose messages the test sends. */
function createTestBus() {
  const listeners = new Map<symbol, { filter: string; deliver: (message: BusMessage) => void }>();
  const topics = new Set<string>();
  const sent: string[] = [];
  return {
    url: 'mqtt://test.invalid',
    sent,
    /** Filters and topics that are open. */
    open: () => [...[...listeners.values()].map(({ filter }) => filter), ...topics],
    openTopic: (topic: string) => {
      topics.add(topic);
      return {
        send: (payload: Uint8Array) => {
          sent.push(`${topic} ${Buffer.from(payload).toString()}`);
          return Promise.resolve();
        },
        close: () => void topics.delete(topic),
      };
    },
    subscribe: (filter, deliver) => {
      const id = Symbol(filter);
      listeners.set(id, { filter, deliver });
      return { verify: () => undefined, close: () => void listeners.delete(id) };
    },
    send: (topic: string, payload: string) => {
      for (const { filter, deliver } of listeners.values()) {
        if (filtersOverlap([filter, topic])) deliver({ topic, payload: Buffer.from(payload) });
      }
    },
    close: () => Promise.resolve(),
  } satisfies Bus & Readonly<Record<string, unknown>>;
}

const noLogic: Logic = { behavioursOf: () => [], openReach: () => Promise.reject(new TypeError('no logic here')) };

const views = [
  { id: 'now', input: 'temperature', latest: true },
  { id: 'all', input: 'temperature', range: true },
  { id: 'minutes', input: 'temperature', window: '1m', aggregate: ['min', 'max', 'mean', 'count'] },
  { id: 'means', input: 'temperature', window: '1m', aggregate: ['mean'] },
];
const inputs = [
  { id: 'temperature', mqtt: { topic: 'barn/+/climate' }, payload: { format: 'json', pointer: '/t', unit: '°C' } },
  { id: 'humidity', mqtt: { topic: 'barn/7/climate' }, payload: { format: 'json', pointer: '/h' } },
];

async function setUp(logic = noLogic) {
  const time = { nowMs: START_MS };
  const bus = createTestBus();
  const store = createReadingsStore({
    level: await openTestLevel(),
    clock: () => time.nowMs,
    onCommit: () => undefined,
  });
  onTestFinished(() => store.close());
  let trouble: DewproofError | undefined;
  const start = createResourceHost({
    transports: createTransports({ bus, random: Math.random }),
    store,
    trouble: () => trouble,
    logic,
  });
  const startHost = async (spec: object = {}) => {
    const configuration = verifyConfiguration(questionAt({ document: rawResource({ inputs, views, ...spec }) }));
    const host = await start({
      configuration,
      artifacts: new Map(),
      signal: new AbortController().signal,
      secret: () => Promise.reject(new TypeError('views have no secrets')),
      onFailure: () => undefined,
    });
    onTestFinished(() => host.stop());
    return host;
  };
  const fail = (error: DewproofError | undefined) => {
    trouble = error;
  };
  return { time, bus, store, startHost, fail };
}

describe('the host of a resource', () => {
  test('answers the latest value, ranges and windows of what its inputs received', async () => {
    const { time, bus, startHost } = await setUp();
    const host = await startHost();
    await host.takeOver();
    expect(await host.answerView('now', {})).toEqual({
      tenant: 'greenfields',
      name: 'barn-climate',
      version: 3,
      view: 'now',
      unit: '°C',
      reading: null,
    });
    for (const t of [20, 21, 25]) {
      bus.send('barn/7/climate', JSON.stringify({ t, h: 60 }));
      time.nowMs += 40_000;
    }
    expect(await host.answerView('now', {})).toMatchObject({
      reading: { time: '2026-01-01T00:01:20.000Z', value: 25 },
    });
    const all = { readings: [{ value: 20 }, { value: 21 }, { value: 25 }] };
    expect(await host.answerView('all', {})).toMatchObject(all);
    expect(await host.answerView('minutes', {})).toMatchObject({
      window: '1m',
      windows: [
        { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:00.000Z', count: 2, min: 20, max: 21, mean: 20.5 },
        { from: '2026-01-01T00:01:00.000Z', count: 1, min: 25, max: 25, mean: 25 },
      ],
    });
    expect(await host.answerView('means', { limit: '1' })).toEqual(
      expect.objectContaining({
        windows: [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:00.000Z', mean: 20.5 }],
      }),
    );
    expect(host.counts()).toEqual({ readings: 6, dropped: {} });
  });

  test('cuts by time: from included, to excluded, windows that overlap; and pages by next', async () => {
    const { time, bus, startHost } = await setUp();
    const host = await startHost();
    await host.takeOver();
    for (let t = 0; t < 10; t += 1) {
      bus.send('barn/7/climate', JSON.stringify({ t }));
      time.nowMs += MINUTE_MS;
    }
    const cut = { from: '2026-01-01T00:02:00Z', to: '2026-01-01T01:05:00+01:00' };
    expect(await host.answerView('all', cut)).toMatchObject({ readings: [{ value: 2 }, { value: 3 }, { value: 4 }] });
    const windows = (await host.answerView('minutes', { ...cut, from: '2026-01-01T00:02:30Z' })) as {
      windows: { min: number }[];
    };
    expect(windows.windows.map(({ min }) => min)).toEqual([2, 3, 4]);
    for (const view of ['all', 'minutes']) {
      const seen: unknown[] = [];
      let next: string | undefined;
      do {
        const page = (await host.answerView(view, { limit: '3', ...(next === undefined ? {} : { next }) })) as Record<
          string,
          unknown
        >;
        seen.push(...((page['readings'] ?? page['windows']) as unknown[]));
        next = page['next'] as string | undefined;
      } while (next !== undefined);
      expect(seen).toHaveLength(10);
    }
  });

  test.each([
    [{ from: 'yesterday' }],
    [{ to: '2026-01-01' }],
    [{ limit: '0' }],
    [{ limit: '1001' }],
    [{ limit: '-1' }],
    [{ next: '../..' }],
    [{ from: ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'] }],
    [{ other: '1' }],
  ])('refuses the query %j', async (query) => {
    const { startHost } = await setUp();
    const host = await startHost();
    await expect(host.answerView('all', query)).rejects.toMatchObject({ code: 'SCHEMA' });
  });

  test('knows no view that its document does not name', async () => {
    const { startHost } = await setUp();
    const host = await startHost();
    for (const view of ['', 'none', 'constructor']) {
      await expect(host.answerView(view, {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  test('counts what it can not read, and goes on', async () => {
    const { bus, startHost } = await setUp();
    const host = await startHost();
    await host.takeOver();
    for (const payload of ['', 'x', '{"t":"hot"}', '{"t":NaN}', '{"t":1e999}', ' '.repeat(20_000)])
      bus.send('barn/8/climate', payload);
    bus.send('barn/8/climate', '{"t":20}');
    expect(host.counts()).toEqual({ readings: 1, dropped: { SCHEMA: 5, ENDLESS_DATA: 1 } });
  });

  test('two versions side by side record each message once, and a new view covers what was there before', async () => {
    const { time, bus, startHost } = await setUp();
    const old = await startHost({ version: 3, views: views.slice(0, 2) });
    await old.takeOver();
    bus.send('barn/7/climate', '{"t":20}');
    time.nowMs += 1000;
    const next = await startHost({ version: 3 });
    bus.send('barn/7/climate', '{"t":21}');
    time.nowMs += 1000;
    await old.stop();
    await next.takeOver();
    bus.send('barn/7/climate', '{"t":22}');
    expect(await next.answerView('all', {})).toMatchObject({ readings: [{ value: 20 }, { value: 21 }, { value: 22 }] });
    expect(await next.answerView('minutes', {})).toMatchObject({ windows: [{ count: 3, min: 20, max: 22, mean: 21 }] });
  });

  test('is unhealthy while the disk takes nothing, and says so', async () => {
    const { startHost, fail } = await setUp();
    const host = await startHost();
    const { signal } = new AbortController();
    await host.probe(signal);
    fail(new DewproofError('DISK_FULL', 'is full'));
    await expect(host.probe(signal)).rejects.toMatchObject({ code: 'DISK_FULL' });
    fail(undefined);
    await host.probe(signal);
  });

  test('does actions while it is the one that acts, checks their values, and records them', async () => {
    const actions = [
      {
        id: 'vent',
        mqtt: { topic: 'barn/7/vent' },
        payload: { format: 'json', pointer: '/open', minimum: 0, maximum: 1 },
      },
      { id: 'lamp', virtual: true, payload: { format: 'json', type: 'boolean' } },
    ];
    const { bus, startHost } = await setUp();
    const host = await startHost({ actions, views: [...views, { id: 'lamp', input: 'lamp', latest: true }] });
    await expect(host.act('vent', 1)).rejects.toMatchObject({ code: 'UNHEALTHY' });
    await host.takeOver();
    await host.act('vent', 0.5);
    await host.act('lamp', true);
    expect(bus.sent).toEqual(['barn/7/vent {"open":0.5}']);
    expect(await host.answerView('lamp', {})).toMatchObject({ reading: { value: true } });
    for (const value of [2, '1', null, { open: 1 }]) {
      await expect(host.act('vent', value)).rejects.toMatchObject({ code: 'SCHEMA' });
    }
    await expect(host.act('constructor', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(bus.sent).toHaveLength(1);
    await host.stop();
    await expect(host.act('vent', 1)).rejects.toMatchObject({ code: 'UNHEALTHY' });
  });

  test('a version that is replaced sends nothing that still waits, and is gone only once what was under way is done', async () => {
    const heard: string[] = [];
    const answers: (() => void)[] = [];
    const actuator = createServer((request, response) => {
      request.on('data', (value) => heard.push(String(value)));
      answers.push(() => response.end());
    });
    await new Promise<void>((resolve) => actuator.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      actuator.closeAllConnections();
      actuator.close();
    });
    const { port } = actuator.address() as AddressInfo;
    const { startHost } = await setUp();
    const vent = { id: 'vent', http: { uri: `http://127.0.0.1:${port}/vent` }, payload: { format: 'number' } };
    const host = await startHost({ actions: [vent] });
    await host.takeOver();
    const done: string[] = [];
    const underway = host.act('vent', 1).then(() => done.push('acted'));
    const waiting = expect(host.act('vent', 2)).rejects.toMatchObject({ code: 'ACTUATOR_FAILED' });
    await eventually(() => {
      expect(heard).toEqual(['1']);
    });
    const stopped = host.stop().then(() => done.push('stopped'));
    answers[0]?.();
    await Promise.all([underway, waiting, stopped]);
    expect(done).toEqual(['acted', 'stopped']);
    expect(heard).toEqual(['1']);
  });

  test('a version that does not start leaves no topic open, and its logic not running', async () => {
    const stopped: string[] = [];
    const good: StartBehaviour = () =>
      Promise.resolve({
        probe: () => Promise.resolve(),
        takeOver: () => Promise.resolve(),
        deliver: () => undefined,
        computeView: undefined,
        dropped: () => ({}),
        stop: () => Promise.resolve(void stopped.push('good')),
      });
    const bad: StartBehaviour = () => Promise.reject(new DewproofError('SCRIPT_ERROR', 'does not load'));
    const starts = [good, bad];
    const { bus, startHost } = await setUp({
      behavioursOf: () => starts,
      openReach: () => Promise.resolve(createTestReach()),
    });
    const actions = [{ id: 'vent', mqtt: { topic: 'barn/7/vent' } }];
    await expect(startHost({ actions })).rejects.toMatchObject({ code: 'SCRIPT_ERROR' });
    expect(bus.open()).toEqual([]);
    expect(stopped).toEqual(['good']);

    starts.pop();
    const impossible = { id: 'lamp', coap: { uri: `coap://10.0.7.9/${'x'.repeat(256)}` } };
    await expect(startHost({ actions: [...actions, impossible] })).rejects.toMatchObject({ code: 'SCHEMA' });
    expect(bus.open()).toEqual([]);
  });

  test('takes what is pushed to the inputs that say so, and nothing else', async () => {
    const { startHost } = await setUp();
    const pushed = { id: 'note', push: true, payload: { format: 'text', maxLength: 5 } };
    const host = await startHost({
      inputs: [...inputs, pushed],
      views: [...views, { id: 'notes', input: 'note', range: true }],
    });
    await expect(host.push('note', Buffer.from('early'))).rejects.toMatchObject({ code: 'UNHEALTHY' });
    await host.takeOver();
    await host.push('note', Buffer.from('a b'));
    await expect(host.push('note', Buffer.from('too long'))).rejects.toMatchObject({ code: 'SCHEMA' });
    await expect(host.push('temperature', Buffer.from('20'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(host.push('', Buffer.from('20'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await host.answerView('notes', {})).toMatchObject({ readings: [{ value: 'a b' }] });
  });
});
