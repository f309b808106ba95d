import type { ResourceId } from '../../core/ids.ts';
import type { Aggregate } from './aggregate.ts';
import type { Operation } from './operation.ts';
import { windowKey } from './reading-keys.ts';
import { createWindowSeries, type SeriesName, type WindowSeries } from './window-series.ts';

/** All windows that one resource keeps. */
export interface WindowTable {
  /** Keeps these series and no others; answers those that are new, for the caller to fill. */
  configure(names: readonly SeriesName[]): readonly WindowSeries[];
  of(input: string): readonly WindowSeries[];
  find(name: SeriesName): WindowSeries | undefined;
  forget(bounds: { readonly cutoffMs: number; readonly futureMs: number }): void;
  /** The writes that a commit must make, and how to take them back. */
  takeChanges(): { readonly operations: readonly Operation[]; giveBack(): void };
}

/** Makes the table of what the disk holds, by `<input>/<windowMs>`. */
export function createWindowTable(
  resource: ResourceId,
  stored: ReadonlyMap<string, ReadonlyMap<number, Aggregate>>,
): WindowTable {
  const series = new Map<string, WindowSeries>();
  const leaving: WindowSeries[] = [];
  for (const [key, windows] of stored) {
    const [input = '', windowMs = ''] = key.split('/');
    series.set(key, createWindowSeries({ input, windowMs: Number(windowMs), stored: windows }));
  }

  function drop(key: string, gone: WindowSeries): void {
    gone.forget({ cutoffMs: Infinity, futureMs: Infinity });
    leaving.push(gone);
    series.delete(key);
  }

  function configure(names: readonly SeriesName[]): readonly WindowSeries[] {
    const wanted = new Map(names.map((name) => [keyOf(name), name]));
    for (const [key, known] of series) if (!wanted.has(key)) drop(key, known);
    const added = [...wanted].filter(([key]) => !series.has(key));
    return added.map(([key, name]) => {
      const created = createWindowSeries({ ...name, stored: new Map() });
      series.set(key, created);
      return created;
    });
  }

  function takeChanges() {
    const parts = [...leaving.splice(0), ...series.values()].map((one) => ({ one, changes: one.takeChanges() }));
    return {
      operations: parts.flatMap(({ one, changes }) => operationsOf({ resource, name: one, changes })),
      giveBack: () => {
        for (const { one, changes } of parts) {
          one.giveBack(changes);
          if (series.get(keyOf(one)) !== one) leaving.push(one);
        }
      },
    };
  }

  return {
    configure,
    of: (input) => [...series.values()].filter((one) => one.input === input),
    find: (name) => series.get(keyOf(name)),
    forget: (bounds) => {
      for (const one of series.values()) one.forget(bounds);
    },
    takeChanges,
  };
}

function keyOf({ input, windowMs }: SeriesName): string {
  return `${input}/${windowMs}`;
}

function operationsOf(change: {
  resource: ResourceId;
  name: SeriesName;
  changes: ReadonlyMap<number, Aggregate | undefined>;
}): readonly Operation[] {
  const { resource, name, changes } = change;
  return [...changes].map(([startMs, aggregate]) => {
    const key = windowKey({ resource, input: name.input, windowMs: name.windowMs, startMs });
    return aggregate === undefined ? { type: 'del', key } : { type: 'put', key, value: JSON.stringify(aggregate) };
  });
}
