import { z } from 'zod';

/** Up to so many values are kept as they are, so that small windows have exact percentiles. */
export const MAX_EXACT = 64;
/** How many buckets a sketch has at most, on either side of zero together. */
export const MAX_BUCKETS = 512;
/** The relative error of the finest buckets; each time that there are too many, neighbours unite and it about doubles. */
export const FINEST_ERROR = 0.001;

const LOG_BASE = Math.log((1 + FINEST_ERROR) / (1 - FINEST_ERROR));
const MAX_LEVEL = 24;

/** Buckets of one sign by rising number, and how many values each holds. */
interface Buckets {
  numbers: number[];
  counts: number[];
}

/**
 * A distribution of values in bounded memory, from which percentiles are estimated: all values while they are few,
 * then buckets whose bounds grow geometrically (DDSketch, Masson et al. 2019) and unite in pairs where there are too
 * many (UDDSketch, Epicoco et al. 2020). `add` changes it in place.
 */
export interface Sketch {
  /** Sorted; undefined once there were too many. */
  values: number[] | undefined;
  level: number;
  zero: number;
  above: Buckets;
  /** Of negative values, by their magnitude. */
  below: Buckets;
}

const bucketsSchema = z
  .strictObject({
    numbers: z.array(z.int()).max(MAX_BUCKETS),
    counts: z.array(z.int().positive()).max(MAX_BUCKETS),
  })
  .refine(({ numbers, counts }) => numbers.length === counts.length && isRising(numbers));

/** What is stored of a sketch. */
export const sketchSchema = z.strictObject({
  values: z
    .array(z.number())
    .max(MAX_EXACT)
    .optional()
    .transform((values) => values),
  level: z.int().min(0).max(MAX_LEVEL),
  zero: z.int().min(0),
  above: bucketsSchema,
  below: bucketsSchema,
});

/** A sketch of nothing. */
export function createSketch(): Sketch {
  return { values: [], level: 0, zero: 0, above: emptyBuckets(), below: emptyBuckets() };
}

/** Takes a finite value in. */
export function addToSketch(sketch: Sketch, value: number): void {
  if (sketch.values === undefined) {
    addToBuckets(sketch, { value, count: 1 });
    return;
  }
  sketch.values.splice(placeIn(sketch.values, value), 0, value);
  if (sketch.values.length > MAX_EXACT) spread(sketch);
}

/** A sketch of what two sketches hold; neither changes. */
export function mergeSketches(pair: readonly [Sketch, Sketch]): Sketch {
  const [merged, other] = [structuredClone(pair[0]), structuredClone(pair[1])];
  if (other.values !== undefined) {
    for (const value of other.values) addToSketch(merged, value);
    return merged;
  }
  if (merged.values !== undefined) spread(merged);
  while (merged.level < other.level) unite(merged);
  while (other.level < merged.level) unite(other);
  merged.zero += other.zero;
  for (const side of ['above', 'below'] as const) {
    for (const [index, number] of other[side].numbers.entries()) {
      addTo(merged[side], { number, count: other[side].counts[index] ?? 0 });
    }
  }
  shrink(merged);
  return merged;
}

/** The relative error of what `percentileOf` answers. */
export function errorOf({ values, level }: Sketch): number {
  if (values !== undefined) return 0;
  return Math.tanh((LOG_BASE * 2 ** level) / 2);
}

/**
 * The value of rank `percent` in a hundred (nearest rank: the smallest value that at least that share of all values
 * does not exceed), within the relative error that `errorOf` tells; undefined of nothing.
 */
export function percentileOf(sketch: Sketch, percent: number): number | undefined {
  const { values, above, below, zero } = sketch;
  if (values !== undefined) return values[rankOf(percent, values.length) - 1];
  const negative = sum(below.counts);
  let rank = rankOf(percent, negative + zero + sum(above.counts));
  // The most negative values have the largest magnitudes.
  if (rank <= negative) return -estimate(sketch, find(below, negative - rank + 1));
  rank -= negative;
  return rank <= zero ? 0 : estimate(sketch, find(above, rank - zero));
}

function rankOf(percent: number, count: number): number {
  return Math.max(1, Math.ceil((percent * count) / 100));
}

function find({ numbers, counts }: Buckets, rank: number): number {
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (seen >= rank) return numbers[index] ?? 0;
  }
  return numbers.at(-1) ?? 0;
}

/** The value that no value of a bucket differs from by more than the relative error. */
function estimate({ level }: Sketch, number: number): number {
  const logBase = LOG_BASE * 2 ** level;
  // Bound * 2 / (1 + base), as logarithms: the bound alone, or the base, may be more than a double holds.
  const logHalf = Math.LN2 - logBase - Math.log1p(Math.exp(-logBase));
  return Math.min(Math.exp(number * logBase + logHalf), Number.MAX_VALUE);
}

function spread(sketch: Sketch): void {
  const values = sketch.values ?? [];
  sketch.values = undefined;
  for (const value of values) addToBuckets(sketch, { value, count: 1 });
}

function addToBuckets(sketch: Sketch, { value, count }: { value: number; count: number }): void {
  if (value === 0) {
    sketch.zero += count;
    return;
  }
  const number = Math.ceil(Math.log(Math.abs(value)) / (LOG_BASE * 2 ** sketch.level));
  addTo(value > 0 ? sketch.above : sketch.below, { number, count });
  shrink(sketch);
}

function addTo({ numbers, counts }: Buckets, { number, count }: { number: number; count: number }): void {
  const place = placeIn(numbers, number);
  if (numbers[place] === number) {
    counts[place] = (counts[place] ?? 0) + count;
    return;
  }
  numbers.splice(place, 0, number);
  counts.splice(place, 0, count);
}

function shrink(sketch: Sketch): void {
  while (sketch.above.numbers.length + sketch.below.numbers.length > MAX_BUCKETS) unite(sketch);
}

/** Buckets 2n - 1 and 2n become bucket n of a base that is the square of the one before. */
function unite(sketch: Sketch): void {
  sketch.level += 1;
  for (const side of ['above', 'below'] as const) {
    const united = emptyBuckets();
    for (const [index, number] of sketch[side].numbers.entries()) {
      addTo(united, { number: Math.ceil(number / 2), count: sketch[side].counts[index] ?? 0 });
    }
    sketch[side] = united;
  }
}

/** Where in a sorted list a number stands or would have to. */
function placeIn(sorted: readonly number[], number: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? 0) < number) from = middle + 1;
    else to = middle;
  }
  return from;
}

function emptyBuckets(): Buckets {
  return { numbers: [], counts: [] };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || (numbers[index - 1] ?? 0) < number);
}
