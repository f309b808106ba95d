import type { ResourceId } from '../../core/ids.ts';
import type { Aggregate, AggregatePart } from './aggregate.ts';
import type { Operation } from './operation.ts';
import { parseSeriesKey, seriesKey, windowKey } from './reading-keys.ts';
import type { WindowPlan } from './reading.ts';
import { createWindowSeries, type FillSeries, type SeriesName, type WindowSeries } from './window-series.ts';

/** A series that lacks what older readings make of it. */
export interface SeriesToFill {
  readonly series: WindowSeries;
  readonly parts: ReadonlySet<AggregatePart>;
  readonly fill: FillSeries;
}

/** All windows that one resource keeps. */
export interface WindowTable {
  /** Keeps these series and no others; answers those that are new or keep more now, for the caller to fill. */
  configure(plans: readonly WindowPlan[]): readonly SeriesToFill[];
  of(input: string): readonly WindowSeries[];
  find(name: SeriesName): WindowSeries | undefined;
  forget(bounds: { readonly cutoffMs: number; readonly futureMs: number }): void;
  /** The writes that a commit must make, and how to take them back. */
  takeChanges(): { readonly operations: readonly Operation[]; giveBack(): void };
}

/** Makes the table of what the disk holds, by `seriesKey`. */
export function createWindowTable(
  resource: ResourceId,
  stored: ReadonlyMap<string, ReadonlyMap<number, Aggregate>>,
): WindowTable {
  const series = new Map<string, WindowSeries>();
  const leaving: WindowSeries[] = [];
  for (const [key, windows] of stored) {
    const name = parseSeriesKey(key);
    if (name !== undefined) series.set(key, createWindowSeries({ ...name, stored: windows }));
  }

  function drop(key: string, gone: WindowSeries): void {
    gone.forget({ cutoffMs: Infinity, futureMs: Infinity });
    leaving.push(gone);
    series.delete(key);
  }

  function configure(plans: readonly WindowPlan[]): readonly SeriesToFill[] {
    const wanted = new Map<string, WindowPlan & { readonly parts: ReadonlySet<AggregatePart> }>();
    for (const plan of plans) {
      const known = wanted.get(seriesKey(plan))?.parts ?? [];
      wanted.set(seriesKey(plan), { ...plan, parts: new Set([...known, ...(plan.parts ?? [])]) });
    }
    for (const [key, known] of series) if (!wanted.has(key)) drop(key, known);
    return [...wanted].flatMap(([key, { parts, ...name }]) => {
      const one = series.get(key) ?? createWindowSeries({ ...name, stored: new Map() });
      series.set(key, one);
      const fill = one.keep(parts);
      return fill === undefined ? [] : [{ series: one, parts, fill }];
    });
  }

  function takeChanges() {
    const parts = [...leaving.splice(0), ...series.values()].map((one) => ({ one, changes: one.takeChanges() }));
    return {
      operations: parts.flatMap(({ one, changes }) => operationsOf({ resource, name: one, changes })),
      giveBack: () => {
        for (const { one, changes } of parts) {
          one.giveBack(changes);
          if (series.get(seriesKey(one)) !== one) leaving.push(one);
        }
      },
    };
  }

  return {
    configure,
    of: (input) => [...series.values()].filter((one) => one.input === input),
    find: (name) => series.get(seriesKey(name)),
    forget: (bounds) => {
      for (const one of series.values()) one.forget(bounds);
    },
    takeChanges,
  };
}

function operationsOf(change: {
  resource: ResourceId;
  name: SeriesName;
  changes: ReadonlyMap<number, Aggregate | undefined>;
}): readonly Operation[] {
  const { resource, name, changes } = change;
  return [...changes].map(([startMs, aggregate]) => {
    const key = windowKey({ resource, series: name, startMs });
    return aggregate === undefined ? { type: 'del', key } : { type: 'put', key, value: JSON.stringify(aggregate) };
  });
}
