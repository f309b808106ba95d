import { expect, test } from 'vitest';
import { createDeviceClock } from '../../edge/device-clock.ts';

const HOUR_MS = 3_600_000;
const BLOCK_MS = Date.UTC(2026, 0, 1);

function setUp({ headMs }: { headMs: number | undefined } = { headMs: BLOCK_MS }) {
  const world = { clockMs: BLOCK_MS, headMs, elapsedMs: 5 };
  const now = createDeviceClock({
    clock: () => world.clockMs,
    headTimeMs: () => world.headMs,
    elapsedMs: () => world.elapsedMs,
  });
  now();
  return { world, now };
}

test("a device goes by its host's clock where that is not behind", () => {
  const { world, now } = setUp();
  world.clockMs += HOUR_MS;
  expect(now()).toBe(BLOCK_MS + HOUR_MS);
});

test('time goes on from the newest block though the clock was lost or set back', () => {
  const { world, now } = setUp();
  world.clockMs = 0;
  expect(now()).toBe(BLOCK_MS);
  world.elapsedMs += HOUR_MS + 0.25;
  expect(now()).toBe(BLOCK_MS + HOUR_MS);
  world.clockMs = BLOCK_MS - 10 * 365 * 24 * HOUR_MS;
  world.elapsedMs += HOUR_MS;
  expect(now()).toBe(BLOCK_MS + 2 * HOUR_MS);
});

test('a newer block moves time on, never back', () => {
  const { world, now } = setUp();
  world.clockMs = 0;
  world.elapsedMs += HOUR_MS;
  world.headMs = BLOCK_MS + HOUR_MS / 2;
  expect(now()).toBe(BLOCK_MS + HOUR_MS);
  world.headMs = BLOCK_MS + 2 * HOUR_MS;
  expect(now()).toBe(BLOCK_MS + 2 * HOUR_MS);
  world.elapsedMs += 1;
  expect(now()).toBe(BLOCK_MS + 2 * HOUR_MS + 1);
});

test('a clock that was far ahead and is put right is believed again', () => {
  const { world, now } = setUp();
  world.clockMs += 10 * 365 * 24 * HOUR_MS;
  now();
  world.clockMs = BLOCK_MS + 1;
  expect(now()).toBe(BLOCK_MS + 1);
});

test("before the first block there is only the host's clock", () => {
  const { world, now } = setUp({ headMs: undefined });
  world.clockMs = 1_000_000;
  expect(now()).toBe(1_000_000);
});
