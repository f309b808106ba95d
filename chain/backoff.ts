const FIRST_BACKOFF_MS = 100;

/** The longest that readers wait between two attempts, unless told otherwise. */
export const MAX_BACKOFF_MS = 30_000;

/**
 * How long to wait after `failures` (from 0) in a row, in milliseconds: exponential with full jitter, so that a
 * thousand devices do not come back to a restarted node at once.
 */
export function backoffMs({ failures, maxMs }: { readonly failures: number; readonly maxMs: number }): number {
  return Math.random() * Math.min(maxMs, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 20));
}
