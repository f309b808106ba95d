import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackoff } from '../../platform/backoff.ts';
import { sleep } from '../../platform/sleep.ts';

async function delays({ random, tries }: { random: () => number; tries: number }): Promise<number[]> {
  const waited: number[] = [];
  const record = (ms: number) => Promise.resolve(void waited.push(ms));
  const backoff = createBackoff({ firstMs: 100, mostMs: 5000, random, sleep: record });
  for (let index = 0; index < tries; index += 1) await backoff.wait(new AbortController().signal);
  return waited;
}

test('waits double up to the bound', async () => {
  const waited = await delays({ random: () => 1, tries: 8 });
  expect(waited).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test('waits spread over their whole range, and never pass the bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(2000),
      async (random, tries) => {
        const waited = await delays({ random: () => random, tries });
        for (const [index, ms] of waited.entries())
          expect(ms).toBeCloseTo(random * Math.min(5000, 100 * 2 ** index), 6);
      },
    ),
    { numRuns: 20 },
  );
});

test('a success begins anew', async () => {
  const waited: number[] = [];
  const record = (ms: number) => Promise.resolve(void waited.push(ms));
  const backoff = createBackoff({ firstMs: 100, mostMs: 5000, random: () => 1, sleep: record });
  const { signal } = new AbortController();
  await backoff.wait(signal);
  await backoff.wait(signal);
  backoff.reset();
  await backoff.wait(signal);
  expect(waited).toEqual([100, 200, 100]);
});

test('sleep ends at once when its signal aborts, before or while it waits', async () => {
  const stop = new AbortController();
  const asleep = sleep(60_000, stop.signal);
  stop.abort();
  await asleep;
  await sleep(60_000, stop.signal);
});
