import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { resourceIdOf } from '../../../core/ids.ts';
import { DewproofError } from '../../../core/errors.ts';
import { createReadingsStore } from '../../../edge/readings/readings-store.ts';
import type { Sublevel } from '../../../platform/store/open-store.ts';
import { openTestLevel } from '../support/test-store.ts';

const START_MS = Date.UTC(2026, 0, 1);
const YEARS_MS = 10 * 365 * 86_400_000;
const [CLIMATE, LIGHT] = ['climate', 'light'].map((name) => resourceIdOf({ tenant: 'greenfields', name })) as [
  `0x${string}`,
  `0x${string}`,
];
const plan = { windows: [{ input: 't', windowMs: 60_000 }], retentionMs: 3_600_000, maxEntries: 1000 };
const all = { input: 't', fromMs: 0, toMs: Infinity, limit: 1000, after: undefined };

async function setUp(level?: Sublevel) {
  const time = { nowMs: START_MS };
  const used = level ?? (await openTestLevel());
  const commits: unknown[] = [];
  const store = createReadingsStore({ level: used, clock: () => time.nowMs, onCommit: (error) => commits.push(error) });
  onTestFinished(() => store.close().catch(() => undefined));
  const readings = await store.open(CLIMATE);
  await readings.configure(plan);
  return { time, level: used, store, readings, commits };
}

const valuesOf = async (readings: {
  range: (query: typeof all) => Promise<{ readings: readonly { value: unknown }[] }>;
}) => (await readings.range(all)).readings.map(({ value }) => value);

/** From here on no timer fires but where the test lets time pass; what else goes on goes on. */
function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

async function untilCalled({ mock }: { readonly mock: { readonly calls: readonly unknown[] } }): Promise<void> {
  while (mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('readings', () => {
  test('of one resource are none of another', async () => {
    const { store, readings } = await setUp();
    const others = await store.open(LIGHT);
    await others.configure(plan);
    readings.append({ input: 't', value: 20 });
    await store.commit();
    expect(await valuesOf(others)).toEqual([]);
    expect(others.latest('t')).toBeUndefined();
    expect(others.counts().entries).toBe(0);
  });

  test('come back as they were, whatever their type', async () => {
    const { level, readings, store } = await setUp();
    const values = ['a b', '', '"', true, false, 0, -1.5e-7, '1', 'ü\u0000 °C'];
    for (const value of values) readings.append({ input: 't', value });
    await store.commit();
    const reopened = await setUp(level);
    expect(await valuesOf(reopened.readings)).toEqual(values);
    expect(reopened.readings.latest('t')?.value).toBe(values.at(-1));
  });

  test('are on disk within about a second, all resources in one write', async () => {
    const { level, readings, store } = await setUp();
    await store.commit();
    const batch = vi.spyOn(level, 'batch');
    const others = await store.open(LIGHT);
    stopTime();
    readings.append({ input: 't', value: 20 });
    others.append({ input: 't', value: 30 });
    vi.advanceTimersByTime(1000);
    await untilCalled(batch);
    vi.advanceTimersByTime(1000);
    expect(batch).toHaveBeenCalledTimes(1);
    await store.commit();
    const reopened = await setUp(level);
    expect(await valuesOf(reopened.readings)).toEqual([20]);
  });

  test('of a burst are written before the second is over', async () => {
    const { level, store, readings } = await setUp();
    await readings.configure({ ...plan, maxEntries: 100_000 });
    await store.commit();
    const batch = vi.spyOn(level, 'batch');
    stopTime();
    for (let value = 0; value < 10_000; value += 1) readings.append({ input: 't', value });
    await untilCalled(batch);
    expect(batch).toHaveBeenCalledTimes(1);
  });

  test('keep their order when the clock steps back a little', async () => {
    const { time, store, readings } = await setUp();
    readings.append({ input: 't', value: 1 });
    time.nowMs -= 30_000;
    readings.append({ input: 't', value: 2 });
    await store.commit();
    time.nowMs += 30_000;
    readings.append({ input: 't', value: 3 });
    expect(await valuesOf(readings)).toEqual([1, 2, 3]);
    expect(readings.latest('t')?.value).toBe(3);
  });

  test('that a clock far ahead had dated go once it is set right, from views and from the disk', async () => {
    const { time, level, store, readings } = await setUp();
    readings.append({ input: 't', value: 1 });
    time.nowMs = START_MS + 1000;
    readings.append({ input: 't', value: 2 });
    await store.commit();
    time.nowMs = START_MS + 50 * 60_000;
    readings.append({ input: 't', value: 99 });
    await store.commit();
    time.nowMs = START_MS + 2000;
    readings.append({ input: 't', value: 3 });
    expect(await valuesOf(readings)).toEqual([1, 2, 3]);
    expect(readings.latest('t')).toEqual({ timeMs: START_MS + 2000, value: 3 });
    expect([...readings.windows({ input: 't', windowMs: 60_000 }).keys()]).toEqual([START_MS]);
    await store.commit();
    const reopened = await setUp(level);
    reopened.time.nowMs = START_MS + 3000;
    expect(await valuesOf(reopened.readings)).toEqual([1, 2, 3]);
    expect(readings.counts().entries).toBe(3);
  });

  test('a jump of ten years and back loses the old ones, and takes new ones', async () => {
    const { time, store, readings } = await setUp();
    readings.append({ input: 't', value: 1 });
    time.nowMs = START_MS + YEARS_MS;
    readings.append({ input: 't', value: 2 });
    await store.commit();
    time.nowMs = START_MS + 1000;
    readings.append({ input: 't', value: 3 });
    await store.commit();
    expect(await valuesOf(readings)).toEqual([3]);
    expect(readings.counts().entries).toBe(1);
  });

  test('expire also where no new ones come', async () => {
    const { time, store, readings } = await setUp();
    readings.append({ input: 't', value: 1 });
    await store.commit();
    time.nowMs += plan.retentionMs + 60_001;
    expect(await valuesOf(readings)).toEqual([]);
    expect(readings.latest('t')).toBeUndefined();
    expect(readings.windows({ input: 't', windowMs: 60_000 }).size).toBe(0);
    await readings.configure(plan);
    await store.commit();
    expect(readings.counts().entries).toBe(0);
  });

  test('that a full disk refuses wait in memory, are written once it takes them again, and none counts twice', async () => {
    const { level, store, readings } = await setUp();
    const batch = vi.spyOn(level, 'batch').mockRejectedValue(new Error('IO error: No space left on device'));
    readings.append({ input: 't', value: 1 });
    await expect(store.commit()).rejects.toMatchObject({ code: 'DISK_FULL' });
    readings.append({ input: 't', value: 2 });
    await expect(store.commit()).rejects.toBeInstanceOf(DewproofError);
    expect(await valuesOf(readings)).toEqual([1, 2]);
    expect(readings.counts()).toEqual({ entries: 2, lost: 0 });
    batch.mockRestore();
    await store.commit();
    expect(await valuesOf(readings)).toEqual([1, 2]);
    expect([...readings.windows({ input: 't', windowMs: 60_000 }).values()]).toEqual([
      { count: 2, min: 1, max: 2, mean: 1.5 },
    ]);
    const reopened = await setUp(level);
    expect(await valuesOf(reopened.readings)).toEqual([1, 2]);
    expect([...reopened.readings.windows({ input: 't', windowMs: 60_000 }).values()]).toEqual([
      { count: 2, min: 1, max: 2, mean: 1.5 },
    ]);
  });

  test('that no disk ever takes are bounded in memory, and counted as lost', async () => {
    const { level, store, readings } = await setUp();
    await readings.configure({ ...plan, maxEntries: 10_000_000 });
    vi.spyOn(level, 'batch').mockRejectedValue(new Error('IO error: No space left on device'));
    for (let value = 0; value < 120_000; value += 1) readings.append({ input: 't', value });
    await expect(store.commit()).rejects.toMatchObject({ code: 'DISK_FULL' });
    const { entries, lost } = readings.counts();
    expect(entries).toBeLessThanOrEqual(100_000);
    expect(entries + lost).toBe(120_000);
  });

  test('that a full disk refuses at the end are given up: nothing is tried after the store was closed', async () => {
    const { level, store, readings } = await setUp();
    const write = vi.spyOn(level, 'batch').mockRejectedValue(new Error('IO error: No space left on device'));
    readings.append({ input: 't', value: 1 });
    const timer = vi.spyOn(globalThis, 'setTimeout');
    await expect(store.close()).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(write).toHaveBeenCalledTimes(1);
    expect(timer).not.toHaveBeenCalled();
  });

  test('of a range that a commit overtakes come once each', async () => {
    const { time, store, readings } = await setUp();
    for (let value = 0; value < 500; value += 1) {
      time.nowMs += 1;
      readings.append({ input: 't', value });
      if (value % 50 === 0) void store.commit();
      if (value % 7 === 0) {
        const values = await valuesOf(readings);
        expect(values).toEqual([...Array(value + 1).keys()]);
      }
    }
  });

  test('whose values decayed on disk are passed over', async () => {
    const { level, store, readings } = await setUp();
    readings.append({ input: 't', value: 1 });
    readings.append({ input: 't', value: 2 });
    await store.commit();
    const [key = ''] = await level.keys({ gte: `${CLIMATE}/r/`, limit: 1 }).all();
    await level.put(key, 'rust');
    expect(await valuesOf(readings)).toEqual([2]);
  });
});
