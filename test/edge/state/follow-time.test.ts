import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import { followTime } from '../../../edge/state/follow-time.ts';
import { worldAnchor } from '../support/bundle-world.ts';
import { quietLog } from '../support/test-edge.ts';

const QUIET_MS = (worldAnchor.staleAfter * 1000) / 8;
const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A device that hears of the ledger all the time, and whose witnesses answer while `answers` is set. */
async function setUp() {
  const world = {
    answers: true,
    lacksTime: true,
    asked: 0,
    onTime: 0,
    doubts: 0,
    aheadSinceMs: undefined as number | undefined,
    anchor: worldAnchor as Anchor,
    clocks: { hostMs: 7, elapsedMs: 7 },
    confirmed: [] as unknown[],
    meanwhile: (): void => undefined,
  };
  let tell = (): void => undefined;
  const follower = followTime({
    askNonce: () => {
      world.asked += 1;
      world.meanwhile();
      return world.answers
        ? Promise.resolve({ attestedAt: 1n, latestAt: 1n })
        : Promise.reject(new DewproofError('QUORUM', 'Nobody answers.'));
    },
    anchors: { current: () => world.anchor, missing: () => undefined },
    belief: {
      clock: { read: () => world.clocks },
      confirm: (_told, asked) => {
        world.confirmed.push(asked);
        Object.assign(world, { lacksTime: false, aheadSinceMs: undefined });
        return Promise.resolve();
      },
      heardMs: () => performance.now(),
      lacksTime: () => world.lacksTime,
      aheadSinceMs: () => world.aheadSinceMs,
      doubt: () => {
        world.doubts += 1;
        world.aheadSinceMs = undefined;
      },
      onAhead: (listener) => {
        tell = listener;
      },
    },
    refusals: createRefusals({ clock: Date.now, log: quietLog() }),
    onTime: () => {
      world.onTime += 1;
    },
    random: () => 0.5,
  });
  onTestFinished(() => follower.close());
  await vi.advanceTimersByTimeAsync(1);
  const refuse = () => {
    world.aheadSinceMs ??= performance.now();
    tell();
  };
  return { world, refuse };
}

test('witnesses are asked once after a boot, and no more while bundles come', async () => {
  const { world } = await setUp();
  await vi.advanceTimersByTimeAsync(4 * QUIET_MS);
  expect(world).toMatchObject({ asked: 1, onTime: 0 });
});

test('a bundle ahead of the time has them asked at once, and what was refused asked for anew', async () => {
  const { world, refuse } = await setUp();
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  refuse();
  await vi.advanceTimersByTimeAsync(1);
  expect(world).toMatchObject({ asked: 2, onTime: 1 });
});

test('bundles that are ahead of what witnesses just told have them asked once a minute at most', async () => {
  const { world, refuse } = await setUp();
  for (let second = 0; second < 600; second += 1) {
    refuse();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(world.asked).toBeGreaterThan(5);
  expect(world.asked).toBeLessThanOrEqual(11);
});

test('a clock that jumped, as over a suspend, has them asked within a minute', async () => {
  const { world } = await setUp();
  world.lacksTime = true;
  await vi.advanceTimersByTimeAsync(MINUTE_MS + 1);
  expect(world.asked).toBe(2);
});

test('with no witness in reach a device whose time stands behind all bundles doubts it in the end, not before', async () => {
  const { world, refuse } = await setUp();
  world.answers = false;
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  refuse();
  await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
  expect(world).toMatchObject({ doubts: 0, onTime: 0 });
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(world).toMatchObject({ doubts: 1, onTime: 1 });
});

test('what witnesses do not tell is never doubted where no bundle is ahead', async () => {
  const { world } = await setUp();
  world.answers = false;
  world.lacksTime = true;
  await vi.advanceTimersByTimeAsync(3 * QUIET_MS);
  expect(world.doubts).toBe(0);
});

test('they are asked now and then though bundles come: a dew may drip old ones to a device whose clocks stood still', async () => {
  const { world } = await setUp();
  await vi.advanceTimersByTimeAsync(4 * QUIET_MS + 2 * MINUTE_MS);
  expect(world.asked).toBe(2);
  await vi.advanceTimersByTimeAsync(4 * QUIET_MS + 2 * MINUTE_MS);
  expect(world.asked).toBe(3);
});

test('what they tell is of when they were asked: the host may have been suspended since', async () => {
  const { world } = await setUp();
  const asked = world.clocks;
  world.meanwhile = () => {
    world.clocks = { hostMs: 99, elapsedMs: 7 };
  };
  world.lacksTime = true;
  await vi.advanceTimersByTimeAsync(MINUTE_MS + 1);
  expect(world.confirmed).toEqual([asked, asked]);
});

test('whom a newer anchor replaced meanwhile tells no time', async () => {
  const { world } = await setUp();
  world.meanwhile = () => {
    world.anchor = { ...worldAnchor, version: 2 };
    world.meanwhile = () => undefined;
  };
  world.lacksTime = true;
  await vi.advanceTimersByTimeAsync(MINUTE_MS + 1);
  expect(world).toMatchObject({ asked: 2, confirmed: { length: 1 } });
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(world).toMatchObject({ asked: 3, confirmed: { length: 2 } });
});

test('under an anchor with no witnesses a device whose time stands behind all bundles doubts it in the end', async () => {
  const { world, refuse } = await setUp();
  const qbft = { kind: 'qbft', validators: [`0x${'01'.repeat(20)}`], hash: `0x${'77'.repeat(32)}` } as const;
  const finality = { ...qbft, validators: [...qbft.validators], height: 1, epochLength: 9 };
  world.anchor = { ...worldAnchor, version: 2, finality };
  refuse();
  await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
  expect(world).toMatchObject({ doubts: 0, onTime: 0 });
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(world).toMatchObject({ asked: 1, doubts: 1, onTime: 1 });
});
