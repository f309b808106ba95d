import { addValue, hasParts, keepParts, mergeAggregates, type Aggregate, type AggregatePart } from './aggregate.ts';
import type { TimedValue } from './aggregate.ts';
import { createWindowBounds, type WindowBounds, type WindowKind } from './window-bounds.ts';

/** The most windows of one series that are kept, the newest ones. */
export const MAX_WINDOWS = 10_000;
/** The same where they hold distributions, of up to about 8 KiB each. */
export const MAX_SKETCHED_WINDOWS = 1000;

/** Which windows: those of one input, `windowMs` long, by the clocks of `timezone` where there is one. */
export interface SeriesName extends WindowKind {
  readonly input: string;
}

/** The windows of one series by their start (milliseconds since the Unix epoch), oldest first. */
export interface WindowSeries extends SeriesName {
  readonly bounds: WindowBounds;
  add(reading: TimedValue): void;
  /**
   * Keeps these parts from now on and forgets all others. Where windows lack some, or there are none yet, it answers
   * what the caller hands the windows that readings before this call make: those of which no reading is gone count.
   */
  keep(parts: ReadonlySet<AggregatePart>): FillSeries | undefined;
  /** Forgets windows that ended at or before `cutoffMs` and those that start after `futureMs`. */
  forget(bounds: { readonly cutoffMs: number; readonly futureMs: number }): void;
  entries(): ReadonlyMap<number, Aggregate>;
  /** What changed since the last call: an aggregate to store, or undefined where a window went. */
  takeChanges(): ReadonlyMap<number, Aggregate | undefined>;
  /** After a commit that failed: what it took is a change again. */
  giveBack(changes: ReadonlyMap<number, Aggregate | undefined>): void;
}

/** Completes a series by windows of what was there before. */
export type FillSeries = (older: ReadonlyMap<number, Aggregate>) => void;

/** Keeps a series in memory, so that a query never waits for the disk. */
export function createWindowSeries(
  series: SeriesName & { readonly stored: ReadonlyMap<number, Aggregate> },
): WindowSeries {
  const { input, windowMs, timezone } = series;
  const bounds = createWindowBounds(series);
  let windows = new Map(series.stored);
  let changed = new Set<number>();
  let parts: ReadonlySet<AggregatePart> = new Set();
  // For each fill under way the windows of what came in since it began.
  const underway = new Set<Map<number, Aggregate>>();

  function put(startMs: number, aggregate: Aggregate): void {
    windows.set(startMs, aggregate);
    changed.add(startMs);
  }

  function remove(startMs: number): void {
    windows.delete(startMs);
    for (const since of underway) since.delete(startMs);
    changed.add(startMs);
  }

  function keep(wanted: ReadonlySet<AggregatePart>): FillSeries | undefined {
    parts = wanted;
    for (const [startMs, aggregate] of windows) {
      const kept = keepParts(aggregate, parts);
      if (kept !== aggregate) put(startMs, kept);
    }
    // The newest window has every part unless some part is new: all that came in since have it too.
    const newest = [...windows.values()].at(-1);
    return newest !== undefined && hasParts(newest, parts) ? undefined : beginFill();
  }

  function beginFill(): FillSeries {
    const counts = new Map([...windows].map(([startMs, { count }]) => [startMs, count]));
    const since = new Map<number, Aggregate>();
    underway.add(since);
    return (older) => {
      underway.delete(since);
      for (const [startMs, aggregate] of older) {
        if (aggregate.count < (counts.get(startMs) ?? 0)) continue;
        const newer = since.get(startMs);
        put(startMs, newer === undefined ? aggregate : mergeAggregates([aggregate, newer]));
      }
      windows = new Map([...windows].sort(([first], [second]) => first - second));
    };
  }

  return {
    input,
    windowMs,
    timezone,
    bounds,
    add: (reading) => {
      const startMs = bounds.startMs(reading.timeMs);
      put(startMs, addValue(windows.get(startMs), { reading, parts }));
      for (const since of underway) since.set(startMs, addValue(since.get(startMs), { reading, parts }));
    },
    keep,
    forget: ({ cutoffMs, futureMs }) => {
      let surplus = windows.size - (parts.has('sketch') ? MAX_SKETCHED_WINDOWS : MAX_WINDOWS);
      for (const startMs of [...windows.keys()]) {
        if (startMs + bounds.longestMs <= cutoffMs || startMs > futureMs || surplus-- > 0) remove(startMs);
      }
    },
    entries: () => windows,
    takeChanges: () => {
      const taken = new Map([...changed].map((startMs) => [startMs, windows.get(startMs)] as const));
      changed = new Set();
      return taken;
    },
    giveBack: (changes) => {
      for (const startMs of changes.keys()) changed.add(startMs);
    },
  };
}
