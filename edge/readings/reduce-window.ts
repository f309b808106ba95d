import type { AggregateName } from '../../core/document/view-schema.ts';
import type { Aggregate, AggregatePart, Ends } from './aggregate.ts';
import { percentileOf } from './sketch.ts';

/** What windows must keep for `names` to be answered. */
export function partsFor(names: readonly AggregateName[]): ReadonlySet<AggregatePart> {
  return new Set(names.flatMap((name) => partFor(name) ?? []));
}

/**
 * What a window's values are reduced to; null where that can't be said: the window began before the view asked for it,
 * a rate has one value only, or a number is beyond a double.
 */
export function reduceWindow(aggregate: Aggregate, name: AggregateName): number | null {
  switch (name) {
    case 'count':
    case 'min':
    case 'max':
    case 'mean':
      return aggregate[name];
    case 'sum':
      return aggregate.sum ?? null;
    case 'first':
    case 'last':
      return aggregate.ends?.[name] ?? null;
    case 'rate':
      return aggregate.ends === undefined ? null : rateOf(aggregate.ends);
    case 'delta':
      return aggregate.ends === undefined ? null : finite(aggregate.ends.last - aggregate.ends.first);
    case 'median':
      return percentile(aggregate, 50);
    default:
      return percentile(aggregate, Number(name.slice(1)));
  }
}

function partFor(name: AggregateName): AggregatePart | undefined {
  switch (name) {
    case 'count':
    case 'min':
    case 'max':
    case 'mean':
      return undefined;
    case 'sum':
      return 'sum';
    case 'first':
    case 'last':
    case 'rate':
    case 'delta':
      return 'ends';
    default:
      return 'sketch';
  }
}

/** Per second, between the first and the last value: nothing is extrapolated to the window's edges. */
function rateOf({ firstMs, lastMs, increase }: Ends): number | null {
  return increase === null || lastMs <= firstMs ? null : finite(increase / ((lastMs - firstMs) / 1000));
}

/** Within what was read: a bucket's middle may lie outside. */
function percentile({ sketch, min, max }: Aggregate, percent: number): number | null {
  const value = sketch === undefined ? undefined : percentileOf(sketch, percent);
  return value === undefined ? null : Math.min(Math.max(value, min), max);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
