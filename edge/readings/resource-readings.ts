import type { Scalar } from '../../core/document/scalar.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Sublevel } from '../../platform/store/open-store.ts';
import { aggregateOf, mergeAggregates, windowStartMs, type Aggregate } from './aggregate.ts';
import { findVictims } from './find-victims.ts';
import { loadReadings, loadWindows } from './load-readings.ts';
import type { Operation } from './operation.ts';
import { createPendingReadings } from './pending-readings.ts';
import { readRange, streamRange, type RangePage, type RangeQuery, type RangeSource } from './read-range.ts';
import { latestKey, parsePlace, placeOf, readingPrefix } from './reading-keys.ts';
import type { PendingReading, Reading, ReadingPlan } from './reading.ts';
import type { SeriesName, WindowSeries } from './window-series.ts';
import { createWindowTable } from './window-table.ts';

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
  range(query: RangeQuery): Promise<RangePage>;
  /** All windows of one series within retention, oldest first. */
  windows(series: SeriesName): ReadonlyMap<number, Aggregate>;
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

  const cutoffMs = () => clock() - plan.retentionMs;

  async function configure(next: ReadingPlan): Promise<void> {
    plan = next;
    // All snapshots are taken in this very step: what arrives from now on, `append` counts.
    const filled = table.configure(next.windows).map((series) => fillSeries(series, sourceOf(series.input)));
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
    latest.set(input, { timeMs: at.timeMs, value });
    pending.add(reading);
    if (typeof value === 'number') {
      for (const series of table.of(input)) series.add({ timeMs: at.timeMs, value });
    }
    deps.onReading?.();
    deps.onDirty(pending.counts().waiting);
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

  return {
    configure,
    append,
    latest: (input) => {
      const reading = latest.get(input);
      return reading !== undefined && reading.timeMs >= cutoffMs() ? reading : undefined;
    },
    range: (query) => readRange(sourceOf(query.input), { ...query, fromMs: Math.max(query.fromMs, cutoffMs()) }),
    windows: (name) => {
      const entries = [...(table.find(name)?.entries() ?? [])];
      return new Map(entries.filter(([startMs]) => startMs + name.windowMs > cutoffMs()));
    },
    counts: () => ({ entries: stored + pending.counts().waiting, lost: pending.counts().lost }),
    collect,
  };
}

/** Makes a new series of the readings that were there before it. */
async function fillSeries(series: WindowSeries, source: RangeSource): Promise<void> {
  const { input, windowMs } = series;
  const past = new Map<number, Aggregate>();
  for await (const { timeMs, value } of streamRange(source, { input, fromMs: 0, toMs: Infinity, after: undefined })) {
    if (typeof value !== 'number') continue;
    const startMs = windowStartMs({ timeMs, windowMs });
    past.set(startMs, mergeAggregates([past.get(startMs), aggregateOf(value)]));
  }
  series.merge(past);
}
