import { createZoneClock, type ZoneClock } from './zone-clock.ts';

const DAY_MS = 86_400_000;
// A Monday, so that windows of 7 days are weeks as ISO 8601 has them.
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Which windows of time: `timezone` is an IANA name; without one they are of fixed length. */
export interface WindowKind {
  readonly windowMs: number;
  readonly timezone?: string | undefined;
}

/** Where windows begin and end, in milliseconds since the Unix epoch. */
export interface WindowBounds {
  /** Where the window around a time begins. */
  readonly startMs: (timeMs: number) => number;
  /** Where the window that begins at `startMs` ends, itself excluded. */
  readonly endMs: (startMs: number) => number;
  /** No window is longer. */
  readonly longestMs: number;
  /** How far the time zone's clocks are ahead of UTC at a time, in milliseconds; undefined without one. */
  readonly offsetMs: ((timeMs: number) => number) | undefined;
}

/**
 * Windows without a time zone are of fixed length and aligned to the Unix epoch. With one they follow the clocks
 * there: a window of days begins at midnight (of 7 days, on Mondays) and has 23 or 25 hours where clocks are set; a
 * shorter one begins whenever clocks show a multiple of its length since midnight, or jump over one.
 */
export function createWindowBounds({ windowMs, timezone }: WindowKind): WindowBounds {
  if (timezone === undefined) {
    return {
      startMs: (timeMs) => Math.floor(timeMs / windowMs) * windowMs,
      endMs: (startMs) => startMs + windowMs,
      longestMs: windowMs,
      offsetMs: undefined,
    };
  }
  const clock = createZoneClock(timezone);
  const bounds = windowMs % DAY_MS === 0 ? boundsOfDays(clock, windowMs) : boundsWithinDays(clock, windowMs);
  return { ...remembering(bounds), longestMs: windowMs + DAY_MS, offsetMs: clock.offsetMs };
}

type Edges = Pick<WindowBounds, 'startMs' | 'endMs'>;

function boundsOfDays(clock: ZoneClock, windowMs: number): Edges {
  const numberAt = (timeMs: number) => Math.floor((timeMs + clock.offsetMs(timeMs) - FIRST_MONDAY_MS) / windowMs);
  const startOf = (number: number) => clock.whenMs(number * windowMs + FIRST_MONDAY_MS);
  return {
    startMs: (timeMs) => startOf(numberAt(timeMs)),
    endMs: (startMs) => startOf(numberAt(startMs) + 1),
  };
}

function boundsWithinDays(clock: ZoneClock, windowMs: number): Edges {
  const numberAt = (timeMs: number) => Math.floor((timeMs + clock.offsetMs(timeMs)) / windowMs);

  function startMs(timeMs: number): number {
    const offset = clock.offsetMs(timeMs);
    const start = Math.floor((timeMs + offset) / windowMs) * windowMs - offset;
    if (clock.offsetMs(start) === offset) return start;
    const change = clock.changeMs({ fromMs: start, toMs: timeMs });
    const before = change - 1;
    // Clocks that were set within one multiple do not begin another.
    if (numberAt(before) !== numberAt(change)) return change;
    return numberAt(before) * windowMs - clock.offsetMs(before);
  }

  function endMs(start: number): number {
    const offset = clock.offsetMs(start);
    const next = (numberAt(start) + 1) * windowMs;
    if (clock.offsetMs(next - offset) === offset) return next - offset;
    const change = clock.changeMs({ fromMs: start, toMs: next - offset });
    return startMs(change) === change ? change : next - clock.offsetMs(change);
  }

  return { startMs, endMs };
}

/** Readings come in order: nearly all fall into the window of the one before. */
function remembering({ startMs, endMs }: Edges): Edges {
  let [start, end] = [0, 0];
  return {
    startMs: (timeMs) => {
      if (timeMs < start || timeMs >= end) {
        start = startMs(timeMs);
        end = endMs(start);
      }
      return start;
    },
    endMs: (of) => (of === start && end > start ? end : endMs(of)),
  };
}
