/** Waits that grow from failure to failure. */
export interface Backoff {
  /** Waits before the next try; returns early once `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** Begins anew after a success. */
  reset(): void;
}

/** `random` answers 0 up to but not including 1; `sleep` waits that long or until `signal` aborts. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Bounded exponential backoff with full jitter: a thousand edges that lost one dew do not come back in step
 * (Brooker, "Exponential Backoff And Jitter", AWS 2015).
 */
export function createBackoff({ firstMs, mostMs, random, sleep }: BackoffOptions): Backoff {
  let failures = 0;
  return {
    wait: async (signal) => {
      const ceilingMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30));
      failures += 1;
      await sleep(random() * ceilingMs, signal);
    },
    reset: () => {
      failures = 0;
    },
  };
}
