import type { Clock } from '../clock.ts';

/** A clock that was put right stays where it is; an attacker's hand on it is noticed, and taken off, within an hour. */
const SETTLES_AFTER_MS = 3_600_000;

/**
 * Makes a clock that goes no faster than time passes, whatever the host's is set to: it follows where that goes back, and
 * where that has stayed further ahead for an hour. `elapsedMs` is a clock that is never set.
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
