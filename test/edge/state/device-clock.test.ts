import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDeviceClock } from '../../../edge/state/device-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const RELEASED_MS = Date.UTC(2026, 0, 1);

const exactly = (ms: number) => ({ leastMs: ms, mostMs: ms });

function setUp({ reachedMs }: { reachedMs?: number } = {}) {
  const world = { clockMs: RELEASED_MS, elapsedMs: 5 };
  const clock = createDeviceClock({
    clock: () => world.clockMs,
    elapsedMs: () => world.elapsedMs,
    releasedAtMs: RELEASED_MS,
    reachedMs,
  });
  return { world, clock, now: clock.now };
}

test("a device goes by its host's clock where that is not behind", () => {
  const { world, now, clock } = setUp();
  world.clockMs += HOUR_MS;
  expect(now()).toBe(RELEASED_MS + HOUR_MS);
  expect(clock.opinion()).toMatchObject({ credible: true, host: '2026-01-01T01:00:00.000Z' });
});

test('time goes on from what was proved though the clock was lost or set back', () => {
  const { world, now, clock } = setUp();
  clock.raise(RELEASED_MS + YEAR_MS);
  world.clockMs = 0;
  expect(now()).toBe(RELEASED_MS + YEAR_MS);
  world.elapsedMs += HOUR_MS + 0.25;
  expect(now()).toBe(RELEASED_MS + YEAR_MS + HOUR_MS);
  world.clockMs = RELEASED_MS - 10 * YEAR_MS;
  world.elapsedMs += HOUR_MS;
  expect(now()).toBe(RELEASED_MS + YEAR_MS + 2 * HOUR_MS);
  expect(clock.opinion().why).toContain('behind');
});

test('a newer proof moves time on, never back', () => {
  const { world, now, clock } = setUp();
  world.clockMs = 0;
  world.elapsedMs += HOUR_MS;
  clock.raise(RELEASED_MS + HOUR_MS / 2);
  expect(now()).toBe(RELEASED_MS + HOUR_MS);
  clock.raise(RELEASED_MS + 2 * HOUR_MS);
  expect(now()).toBe(RELEASED_MS + 2 * HOUR_MS);
  world.elapsedMs += 1;
  expect(now()).toBe(RELEASED_MS + 2 * HOUR_MS + 1);
});

describe('a clock ten years ahead', () => {
  test('does not count, and is believed again once it is put right', () => {
    const { world, now, clock } = setUp();
    world.clockMs += 10 * YEAR_MS;
    expect(now()).toBe(RELEASED_MS);
    expect(clock.opinion()).toMatchObject({ credible: false, device: '2026-01-01T00:00:00.000Z' });
    expect(clock.opinion().why).toContain('366 days ahead');
    world.clockMs = RELEASED_MS + 1;
    expect(now()).toBe(RELEASED_MS + 1);
  });

  test.each([
    [366, true],
    [366.01, false],
  ])('counts up to a year and a day ahead: %s days', (days, credible) => {
    const { world, clock } = setUp();
    world.clockMs += days * DAY_MS;
    expect(clock.opinion().credible).toBe(credible);
  });

  test('leaves no trace in what is kept', () => {
    const { world, now, clock } = setUp();
    world.clockMs += 300 * DAY_MS;
    expect(now()).toBe(world.clockMs);
    expect(clock.reached()).toBe(RELEASED_MS);
  });

  test('is found out where witnesses told the time', () => {
    const { world, now, clock } = setUp();
    world.clockMs += 300 * DAY_MS;
    expect(clock.latest()).toBeUndefined();
    expect(clock.opinion()).toMatchObject({ told: false });
    clock.confirm(exactly(RELEASED_MS + DAY_MS));
    expect(now()).toBe(RELEASED_MS + DAY_MS);
    expect(clock.latest()).toBe(RELEASED_MS + DAY_MS);
    expect(clock.opinion()).toMatchObject({ told: true });
    clock.doubt();
    expect(clock.opinion()).toMatchObject({ told: false });
  });
});

describe('where a witness that lies is among so few that nobody can tell which', () => {
  const powerless = () => {
    const device = setUp();
    device.world.clockMs += 30 * DAY_MS;
    return device;
  };

  test('a time of long ago makes no right clock wrong, nor true bundles ones of the future', () => {
    const { world, now, clock } = powerless();
    clock.confirm({ leastMs: RELEASED_MS, mostMs: world.clockMs + 5 });
    expect(now()).toBe(world.clockMs);
    expect(clock.latest()).toBe(world.clockMs + 5);
    world.elapsedMs += HOUR_MS;
    world.clockMs += HOUR_MS;
    expect(clock.latest()).toBe(world.clockMs + 5);
    world.clockMs = 0;
    expect(now()).toBe(RELEASED_MS + HOUR_MS);
    expect(clock.latest()).toBe(RELEASED_MS + 30 * DAY_MS + HOUR_MS + 5);
  });

  test('a clock more than a day past both is wrong still', () => {
    const { world, clock } = powerless();
    clock.confirm({ leastMs: RELEASED_MS, mostMs: RELEASED_MS + 2 * DAY_MS });
    expect(clock.opinion()).toMatchObject({ credible: false });
    expect(clock.opinion().why).toContain('3 days ahead');
    world.clockMs = RELEASED_MS + 3 * DAY_MS;
    expect(clock.opinion()).toMatchObject({ credible: true });
  });

  test('a time far ahead has no clock believed that was not before', () => {
    const { world, clock, now } = powerless();
    world.clockMs = RELEASED_MS + 10 * YEAR_MS;
    clock.confirm({ leastMs: RELEASED_MS, mostMs: RELEASED_MS + 100 * YEAR_MS });
    expect(now()).toBe(RELEASED_MS);
  });
});

test('a clock that is a moment behind what was proved is not called wrong, and time stays', () => {
  const { now, clock } = setUp();
  clock.raise(RELEASED_MS + 5000);
  expect(clock.opinion().credible).toBe(true);
  expect(now()).toBe(RELEASED_MS + 5000);
});

test('a time that no date can be, which a node or a quorum may say, is taken for the last one that can', () => {
  const { world, now, clock } = setUp();
  clock.raise(Number(2n ** 64n - 1n) * 1000);
  world.elapsedMs += HOUR_MS;
  expect(new Date(now()).toISOString()).toBe('+275760-09-13T00:00:00.000Z');
  expect(clock.reached()).toBe(now());
});

test('goes on from the time that it had reached before it was switched off', () => {
  const { world, now } = setUp({ reachedMs: RELEASED_MS + YEAR_MS });
  world.clockMs = 0;
  expect(now()).toBe(RELEASED_MS + YEAR_MS);
});

test('a clock that says nothing sensible is lost', () => {
  const { world, now, clock } = setUp();
  for (const wrong of [Number.NaN, Infinity, -Infinity, 9e15]) {
    world.clockMs = wrong;
    expect(now()).toBe(RELEASED_MS);
    expect(clock.opinion().credible).toBe(false);
  }
});

test('whatever the clock says and whatever is proved, what is reached never goes back', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('raise' as const), ms: fc.integer({ min: -YEAR_MS, max: YEAR_MS }) }),
    fc.record({ do: fc.constant('confirm' as const), ms: fc.integer({ min: -YEAR_MS, max: YEAR_MS }) }),
    fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -20 * YEAR_MS, max: 20 * YEAR_MS }) }),
    fc.record({ do: fc.constant('run' as const), ms: fc.integer({ min: 0, max: YEAR_MS }) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { world, clock } = setUp();
      let least = clock.reached();
      for (const { do: what, ms } of steps) {
        if (what === 'jump') world.clockMs = RELEASED_MS + ms;
        else if (what === 'run') world.elapsedMs += ms;
        else if (what === 'raise') clock.raise(RELEASED_MS + ms);
        else clock.confirm(exactly(RELEASED_MS + ms));
        expect(clock.reached()).toBeGreaterThanOrEqual(least);
        expect(clock.now()).toBeGreaterThanOrEqual(clock.reached());
        least = clock.reached();
      }
    }),
  );
});

describe('a host that was suspended', () => {
  const suspended = (ms: number) => {
    const device = setUp();
    device.clock.confirm(exactly(RELEASED_MS));
    device.world.elapsedMs += HOUR_MS;
    device.world.clockMs += HOUR_MS + ms;
    return device;
  };

  test('is as one that had no power: nobody told the time since, and a right clock counts', () => {
    const { clock, now, world } = suspended(30 * DAY_MS);
    expect(clock.latest()).toBeUndefined();
    expect(now()).toBe(world.clockMs);
    clock.confirm(exactly(world.clockMs));
    expect(clock.latest()).toBe(world.clockMs);
  });

  test('stays so though its clock is set back before anybody tells the time', () => {
    const { clock, world } = suspended(30 * DAY_MS);
    clock.now();
    world.clockMs -= 30 * DAY_MS;
    expect(clock.latest()).toBeUndefined();
  });

  test.each([
    ['a moment', 60_000],
    ['nothing, though its clock was set back', -DAY_MS],
    ['nothing, though its clock was lost', Number.NaN],
  ])('for %s knows the time still', (_, ms) => {
    expect(suspended(ms).clock.latest()).toBeGreaterThanOrEqual(RELEASED_MS + HOUR_MS);
  });

  test('for a day is so though its clock was set back by as much before', () => {
    const { clock, world } = suspended(-DAY_MS);
    expect(clock.latest()).toBe(RELEASED_MS + HOUR_MS);
    world.clockMs += DAY_MS;
    expect(clock.latest()).toBeUndefined();
  });

  test('is so though its clock told nothing when the time was told', () => {
    const { clock, world } = setUp();
    world.clockMs = Number.NaN;
    clock.confirm(exactly(RELEASED_MS));
    world.clockMs = RELEASED_MS;
    expect(clock.latest()).toBe(RELEASED_MS);
    world.clockMs += DAY_MS;
    expect(clock.latest()).toBeUndefined();
  });

  test('before the answer came that it had asked for does not know the time', () => {
    const { clock, world, now } = setUp();
    const asked = clock.read();
    world.clockMs += 30 * DAY_MS;
    clock.confirm(exactly(RELEASED_MS), asked);
    expect(clock.latest()).toBeUndefined();
    expect(now()).toBe(world.clockMs);
  });

  test('and doubts its time takes none for the latest', () => {
    const { clock } = suspended(0);
    clock.doubt();
    expect(clock.latest()).toBeUndefined();
  });
});
