import { z } from 'zod';
import { addToSketch, createSketch, mergeSketches, sketchSchema, type Sketch } from './sketch.ts';

/** What a window keeps beside count, min, max and mean where a view asks for it. */
export type AggregatePart = 'sum' | 'ends' | 'sketch';

/** The first and the last value of a window, and what a counter gained between them. */
export interface Ends {
  readonly firstMs: number;
  readonly first: number;
  readonly lastMs: number;
  readonly last: number;
  /** Null where it is beyond a double. */
  readonly increase: number | null;
}

/** What is kept of the values of one time window. */
export interface Aggregate {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Null where it is beyond a double. */
  readonly sum?: number | null | undefined;
  readonly ends?: Ends | undefined;
  readonly sketch?: Sketch | undefined;
}

/** One value that a window takes in. */
export interface TimedValue {
  readonly timeMs: number;
  readonly value: number;
}

/** What is stored of a window; older versions stored no more than the first four. */
export const aggregateSchema = z.strictObject({
  count: z.int().positive(),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  sum: z.number().nullable().optional(),
  ends: z
    .strictObject({
      firstMs: z.int(),
      first: z.number(),
      lastMs: z.int(),
      last: z.number(),
      increase: z.number().nullable(),
    })
    .optional(),
  sketch: sketchSchema.optional(),
});

/**
 * Two aggregates as one, the older first. The mean is weighted, not a quotient of sums: two finite values of 1e308
 * have a finite mean, while their sum is infinite. A part that only one of them has is lost: half a truth is none.
 */
export function mergeAggregates(pair: readonly [Aggregate | undefined, Aggregate]): Aggregate {
  const [older, newer] = pair;
  if (older === undefined) return newer;
  return {
    ...mergeBasics([older, newer]),
    ...(older.sketch && newer.sketch && { sketch: mergeSketches([older.sketch, newer.sketch]) }),
  };
}

/** An aggregate with one more value, the newest; its sketch is changed in place, since copying it costs more than all else. */
export function addValue(
  aggregate: Aggregate | undefined,
  { reading, parts }: { readonly reading: TimedValue; readonly parts: ReadonlySet<AggregatePart> },
): Aggregate {
  const newer = aggregateOf(reading, parts);
  if (aggregate === undefined) return { ...newer, ...(parts.has('sketch') && { sketch: sketchOf(reading.value) }) };
  const merged = mergeBasics([aggregate, newer]);
  if (aggregate.sketch === undefined || !parts.has('sketch')) return merged;
  addToSketch(aggregate.sketch, reading.value);
  return { ...merged, sketch: aggregate.sketch };
}

/** The aggregate without parts that nobody asks for; the same one where it has none of them. */
export function keepParts(aggregate: Aggregate, parts: ReadonlySet<AggregatePart>): Aggregate {
  const { sum, ends, sketch, ...basics } = aggregate;
  const kept = {
    ...(sum !== undefined && parts.has('sum') && { sum }),
    ...(ends !== undefined && parts.has('ends') && { ends }),
    ...(sketch !== undefined && parts.has('sketch') && { sketch }),
  };
  const had = [sum, ends, sketch].filter((part) => part !== undefined).length;
  return Object.keys(kept).length === had ? aggregate : { ...basics, ...kept };
}

/** Tells whether an aggregate has all of `parts`. */
export function hasParts(aggregate: Aggregate, parts: ReadonlySet<AggregatePart>): boolean {
  return [...parts].every((part) => aggregate[part] !== undefined);
}

function mergeBasics([older, newer]: readonly [Aggregate, Aggregate]): Aggregate {
  const count = older.count + newer.count;
  return {
    count,
    min: Math.min(older.min, newer.min),
    max: Math.max(older.max, newer.max),
    mean: older.mean * (older.count / count) + newer.mean * (newer.count / count),
    ...(older.sum !== undefined && newer.sum !== undefined && { sum: add(older.sum, newer.sum) }),
    ...(older.ends && newer.ends && { ends: mergeEnds([older.ends, newer.ends]) }),
  };
}

/** A counter that fell was reset and began at zero again, as Prometheus's `rate` has it. */
function mergeEnds([older, newer]: readonly [Ends, Ends]): Ends {
  const step = newer.first < older.last ? newer.first : newer.first - older.last;
  const increase = add(add(older.increase, step), newer.increase);
  return { firstMs: older.firstMs, first: older.first, lastMs: newer.lastMs, last: newer.last, increase };
}

function aggregateOf({ timeMs, value }: TimedValue, parts: ReadonlySet<AggregatePart>): Aggregate {
  const ends = { firstMs: timeMs, first: value, lastMs: timeMs, last: value, increase: 0 };
  return {
    count: 1,
    min: value,
    max: value,
    mean: value,
    ...(parts.has('sum') && { sum: value }),
    ...(parts.has('ends') && { ends }),
  };
}

function sketchOf(value: number): Sketch {
  const sketch = createSketch();
  addToSketch(sketch, value);
  return sketch;
}

function add(first: number | null, second: number | null): number | null {
  const total = first === null || second === null ? NaN : first + second;
  return Number.isFinite(total) ? total : null;
}
