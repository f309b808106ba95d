import type { ErrorCode } from '../core/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';

const LOG_AGAIN_AFTER_MS = 3_600_000;
// Whoever can provoke refusals chooses how many: beyond this the oldest are forgotten.
const MAX_REFUSALS = 2000;

/** Refusals of one code about one thing: the last message, when it came first and last, and how often. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** The resource (`tenant/name`) or what else it is about. */
  readonly about: string;
  readonly first: string;
  readonly at: string;
  readonly count: number;
}

/** What a device refused, and what went wrong. */
export interface Refusals {
  record(refusal: { readonly about: string; readonly code: ErrorCode; readonly message: string }): void;
  /** What was refused holds now: it is no trouble any more. Its count goes on in the metrics, its line is in the log. */
  settle(refusal: Pick<Refusal, 'about' | 'code'>): void;
  /** The newest about one thing. */
  last(about: string): Refusal | undefined;
  /** All, the newest last. */
  list(): readonly Refusal[];
}

const RESOURCE = /^[a-z0-9-]{1,63}\/[a-z0-9-]{1,63}$/;

/** Counts refusals; each is logged when it is new and then at most once an hour, however often it comes. */
export function createRefusals({
  clock,
  log,
  onRecord,
}: {
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of every one. */
  readonly onRecord?: (refusal: Pick<Refusal, 'about' | 'code'>) => void;
}): Refusals {
  const refusals = new Map<string, Refusal>();
  const loggedMs = new Map<string, number>();

  function forgetOldest(): void {
    const [oldest] = refusals.keys();
    if (refusals.size <= MAX_REFUSALS || oldest === undefined) return;
    refusals.delete(oldest);
    loggedMs.delete(oldest);
  }

  return {
    record: ({ about, code, message }) => {
      onRecord?.({ about, code });
      const key = `${about} ${code}`;
      const before = refusals.get(key);
      const nowMs = clock();
      const at = new Date(nowMs).toISOString();
      const isNews = nowMs - (loggedMs.get(key) ?? -Infinity) >= LOG_AGAIN_AFTER_MS;
      const count = (before?.count ?? 0) + 1;
      // Deleted first, so that the map's order is that of the last occurrence.
      refusals.delete(key);
      refusals.set(key, { about, code, message, first: before?.first ?? at, at, count });
      if (isNews) loggedMs.set(key, nowMs);
      forgetOldest();
      if (isNews) log.warn({ code, ...(RESOURCE.test(about) ? { resource: about } : { about }), count }, message);
    },
    settle: ({ about, code }) => {
      const key = `${about} ${code}`;
      refusals.delete(key);
      loggedMs.delete(key);
    },
    last: (about) => [...refusals.values()].findLast((refusal) => refusal.about === about),
    list: () => [...refusals.values()],
  };
}
