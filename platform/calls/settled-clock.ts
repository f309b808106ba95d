import type { Clock } from '../clock.ts';

/** A clock that was put right, as after a boot, stays where it is; while it is not followed, what is over piles up. */
const SETTLES_AFTER_MS = 900_000;

/**
 * Makes a clock that goes no faster than time passes, whatever the host's is set to: it follows where that goes back, and
 * where that has stayed further ahead for a quarter of an hour. `elapsedMs` is a clock that is never set.
 */
export function createSettledClock(clock: Clock, elapsedMs: () => number): Clock {
  let last = { ms: clock(), atMs: elapsedMs() };
  let aheadSinceMs: number | undefined;
  return () => {
    const [nowMs, atMs] = [clock(), elapsedMs()];
    const passedMs = last.ms + atMs - last.atMs;
    if (nowMs <= passedMs) aheadSinceMs = undefined;
    else aheadSinceMs ??= atMs;
    const isSettled = aheadSinceMs === undefined || atMs - aheadSinceMs > SETTLES_AFTER_MS;
    last = { ms: isSettled ? nowMs : passedMs, atMs };
    return last.ms;
  };
}
