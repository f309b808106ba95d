/** The middle of `values`. @throws TypeError (none) */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new TypeError('no values');
  const sorted = values.toSorted((first, second) => first - second);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new TypeError('out of range');
  return value;
}

/** How many milliseconds `task` took, and its answer. */
export async function timed<T>(task: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const startedMs = performance.now();
  const answer = await task();
  return { ms: performance.now() - startedMs, answer };
}

/** The value that `percent` of `values` do not exceed. @throws TypeError (none) */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((first, second) => first - second);
  return at(sorted, Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1));
}
