import { z } from 'zod';

/** What is kept of the values of one time window. */
export interface Aggregate {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/** What is stored of a window. */
export const aggregateSchema = z.strictObject({
  count: z.int().positive(),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
});

/**
 * Two aggregates as one. The mean is weighted, not a quotient of sums: two finite values of 1e308 have a finite mean,
 * while their sum is infinite.
 */
export function mergeAggregates(pair: readonly [Aggregate | undefined, Aggregate]): Aggregate {
  const [first, second] = pair;
  if (first === undefined) return second;
  const count = first.count + second.count;
  const mean = first.mean * (first.count / count) + second.mean * (second.count / count);
  return { count, min: Math.min(first.min, second.min), max: Math.max(first.max, second.max), mean };
}

/** The aggregate of a single value. */
export function aggregateOf(value: number): Aggregate {
  return { count: 1, min: value, max: value, mean: value };
}

/** Where the window around `timeMs` begins: windows are aligned to the Unix epoch. */
export function windowStartMs({ timeMs, windowMs }: { timeMs: number; windowMs: number }): number {
  return Math.floor(timeMs / windowMs) * windowMs;
}
