import { MAX_TIMERS, MIN_INTERVAL_MS, MIN_TIMEOUT_MS } from './script-limits.ts';

const MAX_MS = 2 ** 31 - 1;

/** A script's timers: who is due, and when the next one is. */
export interface Timers {
  /** Its id; undefined where there are too many. */
  set(timer: { readonly ms: number; readonly repeat: boolean }): number | undefined;
  clear(id: number): void;
  /** Takes out the one that is due first; an interval goes on, and what it missed it does not make up for. */
  takeDue(): number | undefined;
  /** Puts off what is due: intervals by a period, timeouts until `ms`. Returns how many intervals skipped a turn. */
  putOff(ms: number): number;
  nextMs(): number | undefined;
}

/** Makes an empty table of timers; `clock` in milliseconds. */
export function createTimers(clock: () => number): Timers {
  const timers = new Map<number, { dueMs: number; readonly everyMs: number | undefined }>();
  let lastId = 0;
  const first = () => {
    let found: number | undefined;
    let foundMs = Infinity;
    for (const [id, { dueMs }] of timers) if (dueMs < foundMs) [found, foundMs] = [id, dueMs];
    return found === undefined ? undefined : { id: found, dueMs: foundMs };
  };
  return {
    set: ({ ms, repeat }) => {
      if (timers.size >= MAX_TIMERS) return undefined;
      const least = repeat ? MIN_INTERVAL_MS : MIN_TIMEOUT_MS;
      const waitMs = Math.min(MAX_MS, Math.max(least, Number.isFinite(ms) ? ms : least));
      lastId += 1;
      timers.set(lastId, { dueMs: clock() + waitMs, everyMs: repeat ? waitMs : undefined });
      return lastId;
    },
    clear: (id) => {
      timers.delete(id);
    },
    takeDue: () => {
      const next = first();
      const nowMs = clock();
      if (next === undefined || next.dueMs > nowMs) return undefined;
      const timer = timers.get(next.id);
      if (timer?.everyMs === undefined) timers.delete(next.id);
      else timer.dueMs = Math.max(next.dueMs + timer.everyMs, nowMs);
      return next.id;
    },
    putOff: (untilMs) => {
      const nowMs = clock();
      let skipped = 0;
      for (const timer of timers.values()) {
        if (timer.dueMs > nowMs) continue;
        if (timer.everyMs !== undefined) skipped += 1;
        timer.dueMs = timer.everyMs === undefined ? untilMs : nowMs + timer.everyMs;
      }
      return skipped;
    },
    nextMs: () => first()?.dueMs,
  };
}
