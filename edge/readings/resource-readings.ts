import type { Scalar } from '../../core/document/scalar.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Sublevel } from '../../platform/store/open-store.ts';
import { addValue, type Aggregate } from './aggregate.ts';
import { findVictims } from './find-victims.ts';
import { loadReadings, loadWindows } from './load-readings.ts';
import type { Operation } from './operation.ts';
import { createPendingReadings } from './pending-readings.ts';
import { readPage, readRange, streamRange, type RangePage, type RangeQuery, type RangeSource } from './read-range.ts';
import { latestKey, parsePlace, placeOf, readingPrefix } from './reading-keys.ts';
import type { PendingReading, PlacedReading, Reading, ReadingPlan } from './reading.ts';
import { createWindowBounds, type WindowBounds } from './window-bounds.ts';
import type { SeriesName } from './window-series.ts';
import { createWindowTable, type SeriesToFill } from './window-table.ts';

/** A step back of the clock up to this repeats the newest time; beyond it, what is dated later was misdated. */
export const MAX_STEP_BACK_MS = 60_000;

/** What a resource wants written; exactly one of `settle` and `giveBack` follows. */
export interface PendingCommit {
  readonly operations: readonly Operation[];
  settle(): void;
  giveBack(): void;
}

/** A resource's readings, kept apart from every other's; they outlive its versions. */
export interface ResourceReadings {
  /** Sets what is kept from now on; windows that are new are made of the readings that are there. */
  configure(plan: ReadingPlan): Promise<void>;
  /** Takes a value in; it is on disk within about a second (a power cut can cost that second). */
  append(reading: { readonly input: string; readonly value: Scalar }): Reading;
  latest(input: string): Reading | undefined;
  latestPlaced(input: string): PlacedReading | undefined;
  range(query: RangeQuery): Promise<RangePage>;
  /** The same with places, at most `limit`. */
  page(query: RangeQuery): Promise<readonly PlacedReading[]>;
  /** All windows of one series within retention, oldest first. */
  windows(series: SeriesName): ReadonlyMap<number, Aggregate>;
  /** Where the windows of one series begin and end. */
  bounds(series: SeriesName): WindowBounds;
  /** Tells of every reading that is appended from now on, until what it answers is called; listeners must be quick. */
  listen(listener: (reading: PendingReading) => void): () => void;
  /** The device's own time, in milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** `entries` on disk and on their way; `lost` to a disk that did not take them. */
  counts(): { readonly entries: number; readonly lost: number };
  /** What the next commit writes; for the store alone. */
  collect(): Promise<PendingCommit>;
}

/** Where a resource's readings are; `onDirty` hears of every change to commit, and how many readings wait for it. */
export interface ResourceReadingsDeps {
  readonly level: Sublevel;
  readonly resource: ResourceId;
  readonly clock: Clock;
  readonly onDirty: (waiting: number) => void;
  /** Hears of every reading that is taken in. */
  readonly onReading?: (() => void) | undefined;
}

const keepEverything: ReadingPlan = { windows: [], retentionMs: Infinity, maxEntries: Infinity };

/** Opens what the disk holds of a resource; until `configure`, nothing expires. */
export async function openResourceReadings(deps: ResourceReadingsDeps): Promise<ResourceReadings> {
  const { level, resource, clock } = deps;
  const { inputs, entries, latest, newestPlace: newestStored } = await loadReadings(level, resource);
  const table = createWindowTable(resource, await loadWindows(level, resource));
  const pending = createPendingReadings();
  // Of all inputs: what stands after it was dated by a clock that was ahead.
  let newestPlace = newestStored;
  let stored = entries;
  let plan = keepEverything;
  const listeners = new Set<(reading: PendingReading) => void>();

  const cutoffMs = () => clock() - plan.retentionMs;

  async function configure(next: ReadingPlan): Promise<void> {
    plan = next;
    // All snapshots are taken in this very step: what arrives from now on, `append` counts.
    const filled = table.configure(next.windows).map((one) => fillSeries(one, sourceOf(one.series.input)));
    await Promise.all(filled);
    deps.onDirty(pending.counts().waiting);
  }

  function sourceOf(input: string): RangeSource {
    return { level, resource, pending: pending.of(input), newestPlace };
  }

  function append({ input, value }: { input: string; value: Scalar }): Reading {
    const at = nextPlace();
    const reading: PendingReading = { input, place: placeOf(at), timeMs: at.timeMs, value };
    newestPlace = reading.place;
    inputs.add(input);
    latest.set(input, reading);
    pending.add(reading);
    if (typeof value === 'number') {
      for (const series of table.of(input)) series.add({ timeMs: at.timeMs, value });
    }
    deps.onReading?.();
    deps.onDirty(pending.counts().waiting);
    for (const listener of listeners) listener(reading);
    return { timeMs: at.timeMs, value };
  }

  function nextPlace(): { readonly timeMs: number; readonly sequence: number } {
    const nowMs = Math.floor(clock());
    const last = parsePlace(newestPlace);
    if (last === undefined || nowMs > last.timeMs) return { timeMs: nowMs, sequence: 0 };
    if (last.timeMs - nowMs <= MAX_STEP_BACK_MS) return { timeMs: last.timeMs, sequence: last.sequence + 1 };
    forgetAfter(nowMs);
    return { timeMs: nowMs, sequence: 0 };
  }

  function forgetAfter(nowMs: number): void {
    pending.forgetAfter(nowMs);
    table.forget({ cutoffMs: -Infinity, futureMs: nowMs });
    for (const [input, { timeMs }] of latest) if (timeMs > nowMs) latest.delete(input);
  }

  async function collect(): Promise<PendingCommit> {
    const surplus = stored + pending.counts().waiting - plan.maxEntries;
    const bounds = { cutoffMs: cutoffMs(), futureMs: Infinity };
    const victims = await findVictims(level, { resource, inputs, newestPlace, ...bounds, surplus });
    const taken = pending.take();
    // A burst larger or longer than the whole store keeps only its newest part.
    const kept = taken.slice(-plan.maxEntries).filter(({ timeMs }) => timeMs >= bounds.cutoffMs);
    table.forget(bounds);
    const windows = table.takeChanges();
    const key = ({ input, place }: { input: string; place: string }) => readingPrefix({ resource, input }) + place;
    const deleted = victims.map((victim) => ({ type: 'del', key: key(victim) }) as const);
    const put = kept.map(
      (reading) => ({ type: 'put', key: key(reading), value: JSON.stringify(reading.value) }) as const,
    );
    const last = new Map(taken.map(({ input, place, value }) => [input, `${place} ${JSON.stringify(value)}`]));
    const putLatest = [...last].map(([input, value]) => {
      return { type: 'put', key: latestKey({ resource, input }), value } as const;
    });
    return {
      operations: [...deleted, ...put, ...putLatest, ...windows.operations],
      settle: () => {
        stored += kept.length - victims.length;
        pending.settle();
      },
      giveBack: () => {
        pending.giveBack();
        windows.giveBack();
      },
    };
  }

  function latestPlaced(input: string): PlacedReading | undefined {
    const reading = latest.get(input);
    return reading !== undefined && reading.timeMs >= cutoffMs() ? reading : undefined;
  }

  return {
    configure,
    append,
    latest: (input) => {
      const reading = latestPlaced(input);
      return reading && { timeMs: reading.timeMs, value: reading.value };
    },
    latestPlaced,
    range: (query) => readRange(sourceOf(query.input), { ...query, fromMs: Math.max(query.fromMs, cutoffMs()) }),
    page: (query) => readPage(sourceOf(query.input), { ...query, fromMs: Math.max(query.fromMs, cutoffMs()) }),
    windows: (name) => {
      const series = table.find(name);
      if (series === undefined) return new Map();
      const oldestMs = cutoffMs() - series.bounds.longestMs;
      return new Map([...series.entries()].filter(([startMs]) => startMs > oldestMs));
    },
    bounds: (name) => table.find(name)?.bounds ?? createWindowBounds(name),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    nowMs: clock,
    counts: () => ({ entries: stored + pending.counts().waiting, lost: pending.counts().lost }),
    collect,
  };
}

/** Completes a series with the readings that were there before it, or before it kept what it keeps now. */
async function fillSeries({ series, parts, fill }: SeriesToFill, source: RangeSource): Promise<void> {
  const { input, bounds } = series;
  const past = new Map<number, Aggregate>();
  for await (const { timeMs, value } of streamRange(source, { input, fromMs: 0, toMs: Infinity, after: undefined })) {
    if (typeof value !== 'number') continue;
    const startMs = bounds.startMs(timeMs);
    past.set(startMs, addValue(past.get(startMs), { reading: { timeMs, value }, parts }));
  }
  fill(past);
}
