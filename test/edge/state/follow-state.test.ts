import { expect, onTestFinished, test } from 'vitest';
import { followState } from '../../../edge/state/follow-state.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import { ledgerOf, makeBundle, recordOf } from '../support/bundle-world.ts';
import { eventually, quietLog } from '../support/test-edge.ts';
import { openTestKeeper } from '../support/test-keeper.ts';

test('a bundle that proves a split has the device look at once at what is about to start', async () => {
  const { keeper } = await openTestKeeper();
  await keeper.accept(makeBundle({ state: ledgerOf({ records: [recordOf('climate')] }), height: 5n }));
  const rival = makeBundle({ state: ledgerOf({}), height: 5n });
  const life = new AbortController();
  const splits: boolean[] = [];
  const follower = followState({
    source: {
      watch: async function* () {
        yield await Promise.resolve(rival);
      },
      close: () => Promise.resolve(),
    },
    keeper,
    refusals: createRefusals({ clock: Date.now, log: quietLog() }),
    // It would wait for good: nothing else has the device look again.
    backoff: {
      wait: (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve();
          });
        }),
      reset: () => undefined,
    },
    onAccepted: () => splits.push(keeper.split() !== undefined),
    signal: life.signal,
  });
  onTestFinished(async () => {
    life.abort();
    await follower.ended;
  });
  await eventually(() => {
    expect(splits).toEqual([true]);
  });
});
