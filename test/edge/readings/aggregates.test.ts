import { describe, expect, onTestFinished, test } from 'vitest';
import { resourceIdOf } from '../../../core/ids.ts';
import type { AggregateName } from '../../../core/document/view-schema.ts';
import { createReadingsStore } from '../../../edge/readings/readings-store.ts';
import { partsFor, reduceWindow } from '../../../edge/readings/reduce-window.ts';
import { MAX_SKETCHED_WINDOWS } from '../../../edge/readings/window-series.ts';
import type { Sublevel } from '../../../platform/store/open-store.ts';
import { openTestLevel } from '../support/test-store.ts';

const START_MS = Date.UTC(2026, 0, 1);
const CLIMATE = resourceIdOf({ tenant: 'greenfields', name: 'climate' });
const series = { input: 't', windowMs: 60_000 };
const everything: readonly AggregateName[] = ['sum', 'median', 'p95', 'first', 'last', 'rate', 'delta'];

async function setUp(options: { level?: Sublevel; aggregate?: readonly AggregateName[]; maxEntries?: number } = {}) {
  const { level = await openTestLevel(), aggregate = everything, maxEntries = 100_000 } = options;
  const time = { nowMs: START_MS };
  const store = createReadingsStore({ level, clock: () => time.nowMs, onCommit: () => undefined });
  onTestFinished(() => store.close().catch(() => undefined));
  const readings = await store.open(CLIMATE);
  const plan = (names: readonly AggregateName[]) => ({
    windows: [{ ...series, parts: partsFor(names) }],
    retentionMs: 30 * 86_400_000,
    maxEntries,
  });
  await readings.configure(plan(aggregate));
  const read = (values: readonly number[], everyMs = 1000) => {
    for (const value of values) {
      readings.append({ input: 't', value });
      time.nowMs += everyMs;
    }
  };
  const windows = () => [...readings.windows(series).values()];
  const reduced = (names = everything) =>
    windows().map((one) => Object.fromEntries(names.map((name) => [name, reduceWindow(one, name)])));
  return {
    level,
    time,
    store,
    readings,
    read,
    windows,
    reduced,
    configure: (n: readonly AggregateName[]) => readings.configure(plan(n)),
  };
}

describe('aggregates', () => {
  test('are those of the values of each window', async () => {
    const { read, reduced } = await setUp();
    read([3, 1, 4, 1, 5]);
    expect(reduced()).toEqual([{ sum: 14, median: 3, p95: 5, first: 3, last: 5, rate: 9 / 4, delta: 2 }]);
  });

  test.each([
    ['rises', [10, 20, 50], 40 / 2, 40],
    ['was reset, and counted on from zero', [100, 110, 4, 9], (10 + 4 + 5) / 3, -91],
    ['was reset to zero itself', [100, 0, 0, 7], 7 / 3, -93],
    ['was read once, which is no rate', [5], null, 0],
  ])('tell the rate per second of a counter that %s', async (_, values, rate, delta) => {
    const { read, reduced } = await setUp();
    read(values);
    expect(reduced(['rate', 'delta'])).toEqual([{ rate, delta }]);
  });

  test('beyond what a double holds are null, and so they stay', async () => {
    const { level, read, reduced, store } = await setUp();
    read([1e308, -1e308, 1e308, 1e308, -1e308]);
    const names = ['sum', 'delta', 'rate', 'mean'] as const;
    expect(reduced(names)).toMatchObject([{ sum: null, delta: null }]);
    await store.commit();
    expect((await setUp({ level })).reduced(names)).toMatchObject([{ sum: null, delta: null }]);
  });

  test('come back from the disk as they were, and go on', async () => {
    const { level, read, reduced, store, windows } = await setUp();
    const values = Array.from({ length: 500 }, (_, index) => Math.sin(index) * 40);
    read(values, 100);
    await store.commit();
    const reopened = await setUp({ level });
    expect(reopened.reduced()).toEqual(reduced());
    expect(reopened.windows()).toEqual(windows());
    reopened.time.nowMs = START_MS + 55_000;
    reopened.read([1000]);
    expect(reopened.reduced(['last', 'count'])).toEqual([{ last: 1000, count: 501 }]);
  });

  test('that an older version stored are loaded, and completed where all their readings are still there', async () => {
    const { level, store, read } = await setUp({ aggregate: ['min', 'max', 'mean', 'count'] });
    read([1, 2, 3]);
    await store.commit();
    // Of a window whose readings are gone, and as 0.1 wrote it.
    const lost = START_MS - 600_000;
    const key = `${CLIMATE}/w/t/60000/${lost.toString(16).padStart(12, '0')}`;
    await level.put(key, '{"count":2,"min":1,"max":2,"mean":1.5}');
    const reopened = await setUp({ level, aggregate: [...everything, 'mean'] });
    expect(reopened.reduced(['mean', 'sum', 'p95', 'first'])).toEqual([
      { mean: 1.5, sum: null, p95: null, first: null },
      { mean: 2, sum: 6, p95: 3, first: 1 },
    ]);
    reopened.time.nowMs += 10_000;
    reopened.read([10]);
    expect(reopened.reduced(['sum', 'p95', 'count'])[1]).toEqual({ sum: 16, p95: 10, count: 4 });
  });

  test('keep no more than views ask for', async () => {
    const { level, store, read, windows, configure } = await setUp();
    read([1, 2, 3]);
    await store.commit();
    const stored = async (): Promise<unknown> =>
      JSON.parse((await level.values({ gte: `${CLIMATE}/w/`, lt: `${CLIMATE}/w/~` }).all())[0] ?? '');
    expect(Object.keys((await stored()) as object).sort()).toEqual([
      'count',
      'ends',
      'max',
      'mean',
      'min',
      'sketch',
      'sum',
    ]);
    await configure(['mean', 'sum']);
    await store.commit();
    expect(await stored()).toEqual({ count: 3, min: 1, max: 3, mean: 2, sum: 6 });
    expect(windows()).toEqual([{ count: 3, min: 1, max: 3, mean: 2, sum: 6 }]);
  });

  test('asked for while readings come count each of them once', async () => {
    const { read, reduced, configure, store } = await setUp({ aggregate: ['mean'] });
    read([1, 2]);
    await store.commit();
    const configured = configure(['sum', 'p50', 'count']);
    read([3, 4]);
    await configured;
    read([5]);
    expect(reduced(['sum', 'p50', 'count'])).toEqual([{ sum: 15, p50: 3, count: 5 }]);
  });

  test('with distributions are bounded in number', async () => {
    const { read, store, windows } = await setUp({ aggregate: ['p95'] });
    read(Array(MAX_SKETCHED_WINDOWS + 50).fill(1), 60_000);
    await store.commit();
    expect(windows()).toHaveLength(MAX_SKETCHED_WINDOWS);
  });
});
