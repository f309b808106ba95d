import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addToSketch,
  createSketch,
  errorOf,
  MAX_BUCKETS,
  MAX_EXACT,
  mergeSketches,
  percentileOf,
  sketchSchema,
  type Sketch,
} from '../../../edge/readings/sketch.ts';

const percents = [1, 5, 25, 50, 75, 90, 95, 99];

function sketchOf(values: readonly number[]): Sketch {
  const sketch = createSketch();
  for (const value of values) addToSketch(sketch, value);
  return sketch;
}

/** The nearest rank, of all values. */
function exactly(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((first, second) => first - second);
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] ?? NaN;
}

function bucketsOf({ above, below }: Sketch): number {
  return above.numbers.length + below.numbers.length;
}

function expectClose(sketch: Sketch, values: readonly number[]): void {
  for (const percent of percents) {
    const exact = exactly(values, percent);
    // The last term is what rounding does to logarithms; below normal doubles nothing is relative any more.
    const bound = Math.abs(exact) * (errorOf(sketch) + 1e-9) + Number.MIN_VALUE * 4;
    expect(Math.abs((percentileOf(sketch, percent) ?? NaN) - exact)).toBeLessThanOrEqual(bound);
  }
}

// JSON has no -0.
const positiveZero = (value: number): number => value + 0;
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true }).map(positiveZero);
const celsius = fc.double({ min: -40, max: 60, noNaN: true }).map(positiveZero);
const sensed = fc.oneof(celsius, fc.integer({ min: 950, max: 1050 }));
const lists = fc.oneof(
  fc.array(sensed, { minLength: 1, maxLength: 3000, size: 'max' }),
  fc.array(anyDouble, { minLength: 1, maxLength: 3000, size: 'max' }),
);

describe('percentiles out of a sketch', () => {
  test('are within the error that it tells, in bounded memory, whatever the values', () => {
    fc.assert(
      fc.property(lists, (values) => {
        const sketch = sketchOf(values);
        expect(bucketsOf(sketch)).toBeLessThanOrEqual(MAX_BUCKETS);
        expectClose(sketch, values);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('are within it where the bound of a bucket is more than a double holds', () => {
    const values = Array.from({ length: 2000 }, (_, index) => 10 ** ((index * 616) / 2000 - 308));
    values.push(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE);
    expectClose(sketchOf(values), values);
  });

  test('are exact of few values', () => {
    fc.assert(
      fc.property(fc.array(anyDouble, { minLength: 1, maxLength: MAX_EXACT, size: 'max' }), (values) => {
        const sketch = sketchOf(values);
        for (const percent of percents) expect(percentileOf(sketch, percent)).toBe(exactly(values, percent));
      }),
    );
  });

  test('of two sketches together are those of all values', () => {
    fc.assert(
      fc.property(lists, lists, (first, second) => {
        const pair = [sketchOf(first), sketchOf(second)] as const;
        const before = JSON.stringify(pair);
        expectClose(mergeSketches(pair), [...first, ...second]);
        expect(JSON.stringify(pair)).toBe(before);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('are the same after the disk had the sketch', () => {
    fc.assert(
      fc.property(lists, (values) => {
        const sketch = sketchOf(values);
        const stored = sketchSchema.parse(JSON.parse(JSON.stringify(sketch)));
        for (const percent of percents) expect(percentileOf(stored, percent)).toBe(percentileOf(sketch, percent));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  // The magnitudes of 512 buckets of 0.1 % span a factor of 2.78; each time that buckets unite, its square.
  test.each([
    [2.7, 0.001],
    [7.7, 0.002],
    [59, 0.004],
    [3500, 0.0081],
    [12_000_000, 0.0161],
  ])('err by at most what the documentation says: magnitudes within a factor of %d, by %d', (factor, error) => {
    const values = Array.from({ length: 20_000 }, (_, index) => factor ** (index / 20_000));
    expect(errorOf(sketchOf(values))).toBeLessThanOrEqual(error);
    expectClose(sketchOf(values), values);
  });

  test.each([
    [{ level: 0, zero: 0, above: { numbers: [2, 1], counts: [1, 1] }, below: { numbers: [], counts: [] } }],
    [{ level: 0, zero: 0, above: { numbers: [1], counts: [] }, below: { numbers: [], counts: [] } }],
    [{ level: 99, zero: 0, above: { numbers: [], counts: [] }, below: { numbers: [], counts: [] } }],
    [{ level: 0, zero: -1, above: { numbers: [], counts: [] }, below: { numbers: [], counts: [] } }],
  ])('are not made of what decayed on disk: %j', (stored) => {
    expect(sketchSchema.safeParse(stored).success).toBe(false);
  });
});
