import type { VirtualResource } from '../core/document/schema.ts';

/** Errors in a row that make a version BROKEN: only another version, or a restart of the device, tries again. */
export const MAX_ERRORS = 3;
/** Having run this long without an error ends the row. */
export const STEADY_AFTER_MS = 600_000;

const HOUR_MS = 3_600_000;
const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 60_000;

/** How a version fared; times in milliseconds, `errors` in a row with the last one. */
export interface RestartQuestion {
  readonly restart: VirtualResource['spec']['restart'];
  readonly errors: number;
  /** When it was restarted before, in order. */
  readonly restarts: readonly number[];
  readonly nowMs: number;
  readonly random: () => number;
}

/** When to start it again, or why not. */
export type RestartPlan = { readonly restartAtMs: number } | { readonly stay: 'errored' | 'broken' };

/** Plans what follows an error: full jitter between tries, never more in an hour than the document allows. */
export function planRestart({ restart, errors, restarts, nowMs, random }: RestartQuestion): RestartPlan {
  if (restart.policy === 'never' || restart.maxPerHour === 0) return { stay: 'errored' };
  if (errors >= MAX_ERRORS) return { stay: 'broken' };
  const recent = restarts.filter((at) => at > nowMs - HOUR_MS);
  const blocking = recent[recent.length - restart.maxPerHour];
  const earliestMs = blocking === undefined ? 0 : blocking + HOUR_MS;
  return { restartAtMs: Math.max(nowMs + waitMs({ failures: errors, random }), earliestMs) };
}

/** How long to wait after so many failures in a row: bounded, with full jitter, a minute at most. */
export function waitMs({ failures, random }: { failures: number; random: () => number }): number {
  return random() * Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 30));
}
