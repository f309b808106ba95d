import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReadingsStore } from '../../../edge/readings/readings-store.ts';
import type { Reading } from '../../../edge/readings/reading.ts';
import { resourceIdOf } from '../../../core/ids.ts';
import { sublevelOf } from '../../../platform/store/open-store.ts';
import { openTestStore } from '../support/test-store.ts';

const START_MS = Date.UTC(2026, 0, 1);
const WINDOW_MS = 60_000;
const inputs = ['door', 'temperature'] as const;

type Step =
  | {
      readonly type: 'append';
      readonly input: (typeof inputs)[number];
      readonly value: number;
      readonly afterMs: number;
    }
  | { readonly type: 'commit' }
  | { readonly type: 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      input: fc.constantFrom(...inputs),
      value: fc.oneof(
        fc.integer({ min: -50, max: 50 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      ),
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'commit' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'reopen' as const }) },
);

/** What a store that forgets nothing would answer. */
function naiveWindows(readings: readonly { readonly timeMs: number; readonly value: number }[], cutoffMs: number) {
  const starts = [...new Set(readings.map(({ timeMs }) => timeMs - (timeMs % WINDOW_MS)))].sort((a, b) => a - b);
  return starts
    .filter((startMs) => startMs + WINDOW_MS > cutoffMs)
    .map((startMs) => {
      const values = readings
        .filter(({ timeMs }) => timeMs - (timeMs % WINDOW_MS) === startMs)
        .map(({ value }) => value);
      const mean = values.reduce((sum, value) => sum + value / values.length, 0);
      return { startMs, count: values.length, min: Math.min(...values), max: Math.max(...values), mean };
    });
}

describe('readings against a naive model', () => {
  test('ranges, pages, windows and limits agree after any mix of readings, commits and restarts', async () => {
    const database = await openTestStore();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 30_000, max: 600_000 }),
        fc.integer({ min: 1, max: 7 }),
        async (steps, maxEntries, retentionMs, limit) => {
          run += 1;
          const level = sublevelOf(database, `run-${run}`);
          const resource = resourceIdOf({ tenant: 'greenfields', name: 'barn-climate' });
          const plan = { windows: inputs.map((input) => ({ input, windowMs: WINDOW_MS })), retentionMs, maxEntries };
          let nowMs = START_MS;
          const reopen = async () => {
            const store = createReadingsStore({ level, clock: () => nowMs, onCommit: () => undefined });
            const readings = await store.open(resource);
            await readings.configure(plan);
            return { store, readings };
          };
          let { store, readings } = await reopen();
          const model: { readonly input: string; readonly timeMs: number; readonly value: number }[] = [];

          for (const one of steps) {
            if (one.type === 'append') {
              nowMs += one.afterMs;
              readings.append(one);
              model.push({ input: one.input, timeMs: nowMs, value: one.value });
            } else if (one.type === 'commit') await store.commit();
            else {
              await store.close();
              ({ store, readings } = await reopen());
            }
          }
          await store.commit();

          const cutoffMs = nowMs - retentionMs;
          const kept = model.slice(-maxEntries).filter(({ timeMs }) => timeMs >= cutoffMs);
          for (const input of inputs) {
            const expected = kept.filter((one) => one.input === input).map(({ timeMs, value }) => ({ timeMs, value }));
            const found: Reading[] = [];
            let after: string | undefined;
            do {
              const page = await readings.range({ input, fromMs: 0, toMs: Infinity, limit, after });
              expect(page.readings.length).toBeLessThanOrEqual(limit);
              found.push(...page.readings);
              after = page.next;
            } while (after !== undefined);
            expect(found).toEqual(expected);
            expect(readings.latest(input)).toEqual(
              model
                .filter((one) => one.input === input && one.timeMs >= cutoffMs)
                .map(({ timeMs, value }) => ({ timeMs, value }))
                .at(-1),
            );
            const naive = naiveWindows(
              model.filter((one) => one.input === input),
              cutoffMs,
            );
            const windows = [...readings.windows({ input, windowMs: WINDOW_MS })];
            expect(windows.map(([startMs]) => startMs)).toEqual(naive.map(({ startMs }) => startMs));
            for (const [index, { count, min, max, mean }] of naive.entries()) {
              const aggregate = windows[index]?.[1];
              expect(aggregate).toMatchObject({ count, min, max });
              const scale = Math.max(Math.abs(min), Math.abs(max), Number.MIN_VALUE);
              expect(Math.abs((aggregate?.mean ?? NaN) / scale - mean / scale)).toBeLessThan(1e-9);
            }
          }
          expect(readings.counts().entries).toBe(kept.length);
          await store.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
