import { aggregateOf, mergeAggregates, windowStartMs, type Aggregate } from './aggregate.ts';

/** The most windows of one series that are kept, the newest ones. */
export const MAX_WINDOWS = 10_000;

/** Which windows: those of one input, `windowMs` long. */
export interface SeriesName {
  readonly input: string;
  readonly windowMs: number;
}

/** The windows of one series by their start (milliseconds since the Unix epoch), oldest first. */
export interface WindowSeries extends SeriesName {
  add(reading: { readonly timeMs: number; readonly value: number }): void;
  /** Adds what older readings made; windows may overlap those that are there. */
  merge(older: ReadonlyMap<number, Aggregate>): void;
  /** Forgets windows that ended at or before `cutoffMs` and those that start after `futureMs`. */
  forget(bounds: { readonly cutoffMs: number; readonly futureMs: number }): void;
  entries(): ReadonlyMap<number, Aggregate>;
  /** What changed since the last call: an aggregate to store, or undefined where a window went. */
  takeChanges(): ReadonlyMap<number, Aggregate | undefined>;
  /** After a commit that failed: what it took is a change again. */
  giveBack(changes: ReadonlyMap<number, Aggregate | undefined>): void;
}

/** Keeps a series in memory, at most 10,000 windows, so that a query never waits for the disk. */
export function createWindowSeries(
  series: SeriesName & { readonly stored: ReadonlyMap<number, Aggregate> },
): WindowSeries {
  const { input, windowMs } = series;
  let windows = new Map(series.stored);
  let changed = new Set<number>();

  function put(startMs: number, aggregate: Aggregate): void {
    windows.set(startMs, mergeAggregates([windows.get(startMs), aggregate]));
    changed.add(startMs);
  }

  function remove(startMs: number): void {
    windows.delete(startMs);
    changed.add(startMs);
  }

  return {
    input,
    windowMs,
    add: ({ timeMs, value }) => {
      put(windowStartMs({ timeMs, windowMs }), aggregateOf(value));
    },
    merge: (older) => {
      for (const [startMs, aggregate] of older) put(startMs, aggregate);
      windows = new Map([...windows].sort(([first], [second]) => first - second));
    },
    forget: ({ cutoffMs, futureMs }) => {
      let surplus = windows.size - MAX_WINDOWS;
      for (const startMs of [...windows.keys()]) {
        if (startMs + windowMs <= cutoffMs || startMs > futureMs || surplus-- > 0) remove(startMs);
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
