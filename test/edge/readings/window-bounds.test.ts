import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWindowBounds } from '../../../edge/readings/window-bounds.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The windows from one time to another: when they begin, and how many hours they last. */
function windowsOf(timezone: string | undefined, windowMs: number, [from, to]: readonly [string, string]) {
  const { startMs, endMs } = createWindowBounds({ windowMs, timezone });
  const found: (readonly [string, number])[] = [];
  for (let start = startMs(Date.parse(from)); start < Date.parse(to); start = endMs(start)) {
    found.push([new Date(start).toISOString().slice(0, 16), (endMs(start) - start) / HOUR_MS]);
  }
  return found;
}

const hoursOf = (windows: readonly (readonly [string, number])[]) => windows.map(([, hours]) => hours);

describe('windows by the clocks of a time zone', () => {
  test.each([
    ['Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00', 23],
    ['Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00', 25],
    ['Europe/Berlin', '2026-07-01T12:00Z', '2026-06-30T22:00', 24],
    ['America/New_York', '2026-03-08T12:00Z', '2026-03-08T05:00', 23],
    ['America/New_York', '2026-11-01T12:00Z', '2026-11-01T04:00', 25],
    ['Australia/Lord_Howe', '2026-10-03T20:00Z', '2026-10-03T13:30', 23.5],
    ['Australia/Lord_Howe', '2026-04-04T20:00Z', '2026-04-04T13:00', 24.5],
    ['Asia/Kathmandu', '2026-03-29T12:00Z', '2026-03-28T18:15', 24],
    ['UTC', '2026-03-29T12:00Z', '2026-03-29T00:00', 24],
    // Midnight comes twice here, and is jumped over there.
    ['America/Havana', '2026-11-01T12:00Z', '2026-11-01T04:00', 25],
    ['America/Havana', '2026-03-08T12:00Z', '2026-03-08T05:00', 23],
    // There was no 30 December.
    ['Pacific/Apia', '2011-12-30T09:00Z', '2011-12-29T10:00', 24],
    ['Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00', 24],
  ])('in %s the day around %s begins at %s and has %d hours', (timezone, at, begins, hours) => {
    const { startMs, endMs } = createWindowBounds({ windowMs: DAY_MS, timezone });
    const start = startMs(Date.parse(at));
    expect(new Date(start).toISOString().slice(0, 16)).toBe(begins);
    expect((endMs(start) - start) / HOUR_MS).toBe(hours);
  });

  test('hours begin with the hours of the clock: 23 or 25 of them where an hour is left out or repeated', () => {
    const spring = windowsOf('Europe/Berlin', HOUR_MS, ['2026-03-28T23:00Z', '2026-03-29T22:00Z']);
    expect(hoursOf(spring)).toEqual(Array(23).fill(1));
    const autumn = windowsOf('Europe/Berlin', HOUR_MS, ['2026-10-24T22:00Z', '2026-10-25T23:00Z']);
    expect(hoursOf(autumn)).toEqual(Array(25).fill(1));
    const kathmandu = windowsOf('Asia/Kathmandu', HOUR_MS, ['2026-01-01T00:15Z', '2026-01-01T02:15Z']);
    expect(kathmandu.map(([begins]) => begins)).toEqual(['2026-01-01T00:15', '2026-01-01T01:15']);
  });

  test('where the clock is set by half an hour, one hour is half or half as long again', () => {
    const spring = windowsOf('Australia/Lord_Howe', HOUR_MS, ['2026-10-03T13:30Z', '2026-10-04T13:00Z']);
    expect(spring.slice(0, 4)).toEqual([
      ['2026-10-03T13:30', 1],
      ['2026-10-03T14:30', 1],
      ['2026-10-03T15:30', 0.5],
      ['2026-10-03T16:00', 1],
    ]);
    expect(spring).toHaveLength(24);
    const autumn = windowsOf('Australia/Lord_Howe', HOUR_MS, ['2026-04-04T13:00Z', '2026-04-05T13:30Z']);
    expect(autumn.slice(0, 3)).toEqual([
      ['2026-04-04T13:00', 1],
      ['2026-04-04T14:00', 1.5],
      ['2026-04-04T15:30', 1],
    ]);
    expect(autumn).toHaveLength(24);
  });

  test('quarters of a day keep to 0, 6, 12 and 18 by the clock', () => {
    const spring = windowsOf('Europe/Berlin', 6 * HOUR_MS, ['2026-03-28T23:00Z', '2026-03-29T22:00Z']);
    expect(hoursOf(spring)).toEqual([5, 6, 6, 6]);
    const autumn = windowsOf('Europe/Berlin', 6 * HOUR_MS, ['2026-10-24T22:00Z', '2026-10-25T23:00Z']);
    expect(hoursOf(autumn)).toEqual([7, 6, 6, 6]);
  });

  test('weeks begin on Mondays', () => {
    const [week] = windowsOf('Europe/Berlin', 7 * DAY_MS, ['2026-03-29T12:00Z', '2026-03-29T12:01Z']);
    expect(week).toEqual(['2026-03-22T23:00', 7 * 24 - 1]);
  });

  test('without a time zone they are of fixed length', () => {
    expect(windowsOf(undefined, DAY_MS, ['2026-03-28T12:00Z', '2026-03-30T12:00Z'])).toEqual([
      ['2026-03-28T00:00', 24],
      ['2026-03-29T00:00', 24],
      ['2026-03-30T00:00', 24],
    ]);
  });

  test('follow each other without a gap, whenever and wherever one asks, and show a multiple when they begin', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca'];
    const lengths = [1000, 60_000, HOUR_MS / 2, HOUR_MS, 2 * HOUR_MS, 8 * HOUR_MS, DAY_MS, 2 * DAY_MS, 30 * DAY_MS];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...lengths),
        fc.integer({ min: Date.UTC(2015), max: Date.UTC(2036) }),
        (timezone, windowMs, timeMs) => {
          const one = createWindowBounds({ windowMs, timezone });
          const start = one.startMs(timeMs);
          const end = one.endMs(start);
          expect(start).toBeLessThanOrEqual(timeMs);
          expect(end).toBeGreaterThan(timeMs);
          expect(end - start).toBeLessThanOrEqual(one.longestMs);
          // Asked afresh, without what it remembers.
          const other = createWindowBounds({ windowMs, timezone });
          expect(other.startMs(end)).toBe(end);
          expect(other.startMs(end - 1)).toBe(start);
          expect(other.startMs(start)).toBe(start);
        },
      ),
      { numRuns: 500 },
    );
  });
});
