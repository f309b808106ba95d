import { LAST_MS, type Clock } from '../../platform/clock.ts';

/**
 * How far beyond what the device knows for sure the host's clock may lie (a year and a day). A device that was stored
 * for a season comes back with a right clock; a clock that lies decades off was lost, or is in an attacker's hands.
 */
const MAX_AHEAD_MS = 366 * 86_400_000;
/** The same once witnesses have told the time since the boot: what is left is the drift of two clocks. */
const MAX_DRIFT_MS = 86_400_000;
/** Two right clocks differ by less: a host's that is no further behind than this is not called wrong. */
const MAX_BEHIND_MS = 600_000;
/** How far the host's clock may run ahead of the one that is never set, which stands still while the host is suspended. */
const MAX_JUMP_MS = 600_000;

/** Times in milliseconds: `clock` and `releasedAtMs` since the Unix epoch, `elapsedMs` on a clock that is never set. */
export interface DeviceClockDeps {
  /** The host's clock, which may be lost, set back or in an attacker's hands. */
  readonly clock: Clock;
  readonly elapsedMs: () => number;
  /** When the running release was made. */
  readonly releasedAtMs: number;
  /** The time that the device had reached at least before it was switched off. */
  readonly reachedMs?: number | undefined;
}

/** Between which times (milliseconds) it was when witnesses were asked: apart where one that lies is among few. */
export interface ToldMs {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** What the host's clock and the one that is never set said at one moment, in milliseconds. */
export interface ClockReading {
  readonly hostMs: number;
  readonly elapsedMs: number;
}

/** What the device thinks of its host's clock; times are RFC 3339. */
export interface ClockOpinion {
  readonly host: string;
  readonly device: string;
  readonly credible: boolean;
  readonly why: string;
  /** Whether witnesses told the time, and nothing (a boot, a suspend, a doubt) came after that. */
  readonly told: boolean;
}

/** The time that a device goes by. */
export interface DeviceClock {
  readonly now: Clock;
  /** The least that the time can be: proved times and the time powered since. What is kept across boots is this. */
  readonly reached: Clock;
  /** The time was `ms` at least, as somebody proved whom the device believes. */
  raise(ms: number): void;
  /** Both clocks of the host. */
  readonly read: () => ClockReading;
  /**
   * It was that time when a quorum of witnesses was `asked` (default now): an answer may have been kept back for as long
   * as the host was suspended.
   */
  confirm(told: ToldMs, asked?: ClockReading): void;
  /** What was confirmed counts no more, as after a boot: true proofs seem to be ahead of it. */
  doubt(): void;
  /** A time that nothing true can be ahead of; undefined where nobody told the time since the boot, a suspend or `doubt`. */
  latest(): number | undefined;
  readonly opinion: () => ClockOpinion;
}

/**
 * Makes the time that a device goes by: never before what was proved to it and the time that it ran since, so that a
 * grant expires also with no network and a clock that was lost or set back. The host's clock counts, at each reading
 * anew, where it is not behind that and not absurdly ahead; what it says is never kept, or one wrong reading would make
 * all true proofs look old for good. Time without power can't be seen, and a suspended host counts none either: where its
 * clock jumped ahead, what was confirmed before counts no more.
 */
export function createDeviceClock({ clock, elapsedMs, releasedAtMs, reachedMs = 0 }: DeviceClockDeps): DeviceClock {
  let floor = { ms: Math.max(releasedAtMs, reachedMs), sinceMs: elapsedMs() };
  // By how much at least the host's clock was ahead of the other since the time was told, and how late it was then at most.
  let confirmed: { readonly leastAheadMs: number; readonly mostMs: number; readonly sinceMs: number } | undefined;

  // Whole milliseconds, as clocks tell: keys are made of them, and dates, which whoever vouches for time may go past.
  const reached = () => Math.min(LAST_MS, Math.floor(floor.ms + elapsedMs() - floor.sinceMs));

  /** What was proved may lie behind what has passed since what was proved before. */
  function raise(ms: number): void {
    floor = { ms: Math.max(ms, reached()), sinceMs: elapsedMs() };
  }

  const read = () => ({ hostMs: clock(), elapsedMs: elapsedMs() });

  /**
   * A suspended host can't be told from a clock that was set: to ask for the time anew is right after both. It is held
   * against the least that it said: set back by a day before, it would hide a day's suspend.
   */
  function isConfirmed(): boolean {
    if (confirmed === undefined) return false;
    const aheadMs = aheadOf(read());
    if (aheadMs - confirmed.leastAheadMs > MAX_JUMP_MS) confirmed = undefined;
    else if (Number.isFinite(aheadMs) && !(aheadMs >= confirmed.leastAheadMs)) {
      confirmed = { ...confirmed, leastAheadMs: aheadMs };
    }
    return confirmed !== undefined;
  }

  /** A time that it is not past, as far as witnesses told; undefined where nobody did. */
  function most(): number | undefined {
    if (!isConfirmed() || confirmed === undefined) return undefined;
    return Math.max(reached(), Math.floor(confirmed.mostMs + elapsedMs() - confirmed.sinceMs));
  }

  /** How far the host's clock may be ahead of what is known for sure; what witnesses told, of whom one may lie, lets it no further. */
  function mostAhead(): number {
    const mostMs = most();
    return mostMs === undefined ? MAX_AHEAD_MS : Math.min(mostMs - reached() + MAX_DRIFT_MS, MAX_AHEAD_MS);
  }

  function judge(): { readonly hostMs: number; readonly credible: boolean; readonly why: string } {
    const hostMs = clock();
    const least = reached();
    const mostAheadMs = mostAhead();
    if (!Number.isFinite(hostMs) || hostMs < least - MAX_BEHIND_MS) {
      return { hostMs, credible: false, why: 'it is behind what was proved to the device: set it, or have it set' };
    }
    if (hostMs > least + mostAheadMs) {
      const days = Math.round(mostAheadMs / 86_400_000);
      return { hostMs, credible: false, why: `it is more than ${days} days ahead of what was proved to the device` };
    }
    return { hostMs, credible: true, why: 'it agrees with what was proved to the device' };
  }

  function now(): number {
    const { hostMs, credible } = judge();
    return credible ? Math.max(Math.floor(hostMs), reached()) : reached();
  }

  return {
    now,
    reached,
    raise,
    read,
    confirm: ({ leastMs, mostMs }, asked = read()) => {
      raise(leastMs);
      confirmed = { leastAheadMs: aheadOf(asked), mostMs, sinceMs: asked.elapsedMs };
    },
    doubt: () => {
      confirmed = undefined;
    },
    latest: () => {
      const mostMs = most();
      return mostMs === undefined ? undefined : Math.max(mostMs, now());
    },
    opinion: () => {
      const { hostMs, credible, why } = judge();
      return { host: showTime(hostMs), device: showTime(now()), credible, why, told: isConfirmed() };
    },
  };
}

function aheadOf({ hostMs, elapsedMs }: ClockReading): number {
  return hostMs - elapsedMs;
}

/** A clock may say what no date can. */
function showTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
