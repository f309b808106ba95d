import type { Clock } from '../platform/clock.ts';

/** Times in milliseconds: `clock` and `headTimeMs` since the Unix epoch, `elapsedMs` on a clock that is never set. */
export interface DeviceClockDeps {
  /** The host's clock, which may be lost, set back or in an attacker's hands. */
  readonly clock: Clock;
  /** Of the newest block that the device believes; undefined before the first. */
  readonly headTimeMs: () => number | undefined;
  readonly elapsedMs: () => number;
}

/**
 * The time that a device goes by: never before the newest block that it believes and the time that it ran since, so that
 * a grant expires also with no network and a clock that was lost or set back. Time without power can't be seen.
 */
export function createDeviceClock({ clock, headTimeMs, elapsedMs }: DeviceClockDeps): Clock {
  let floor = { headTimeMs: 0, sinceMs: elapsedMs() };

  function floorMs(): number {
    const newestMs = headTimeMs() ?? 0;
    const nowMs = elapsedMs();
    const reachedMs = floor.headTimeMs + nowMs - floor.sinceMs;
    // A newer block's time may lie behind what has passed since the one before.
    floor = { headTimeMs: Math.max(newestMs, reachedMs), sinceMs: nowMs };
    return floor.headTimeMs;
  }

  // Whole milliseconds, as clocks tell: keys are made of them.
  return () => Math.floor(Math.max(clock(), floorMs()));
}
