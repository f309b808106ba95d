import { DewproofError } from '../../core/errors.ts';
import { sleep } from '../../platform/sleep.ts';
import type { Subscription } from '../bus/bus.ts';
import { codedError } from '../coded-error.ts';

/** Whom to ask (for people), how often, and how: `ask` delivers what it hears, and rejects where it heard nothing. */
export interface Polling {
  readonly whom: string;
  readonly everyMs: number;
  readonly ask: (options: { readonly signal: AbortSignal; readonly deadlineMs: number }) => Promise<void>;
}

/** A subscription that asks at an interval. */
export interface Poller extends Subscription {
  readonly counts: () => Readonly<Record<string, number>>;
  /** Takes note of a failure between two questions, and asks again sooner. */
  fail(error: DewproofError): void;
}

const FIRST_WAIT_MOST_MS = 1000;
const RETRY_FIRST_MS = 1000;
const JITTER = 0.1;
const DEADLINE_SHARE = 0.8;
const DEADLINE_MOST_MS = 20_000;
// One lost datagram is no news, and a version must be able to start while a sensor is away.
const FAILURES_THAT_COUNT = 2;

/**
 * Asks again and again, one question at a time, until it is closed: each within four fifths of the interval (at most
 * 20 s), so that no question overlaps the next. Intervals vary by a tenth, so that sensors are not asked in step.
 * After a failure it asks sooner, from a second on, never later than the interval.
 */
export function startPolling({ whom, everyMs, ask }: Polling): Poller {
  const ended = new AbortController();
  const counts: Record<string, number> = {};
  const deadlineMs = Math.min(DEADLINE_MOST_MS, Math.floor(everyMs * DEADLINE_SHARE));
  let failures = 0;
  let cause: DewproofError | undefined;
  let wake = new AbortController();

  const isEnded = () => ended.signal.aborted;

  function note(error: DewproofError): void {
    failures += 1;
    cause = error;
    counts[error.code] = (counts[error.code] ?? 0) + 1;
  }

  /** How long to wait after a question that took `tookMs`. */
  function waitMs(tookMs: number): number {
    if (failures === 0) return everyMs * (1 - JITTER + 2 * JITTER * Math.random()) - tookMs;
    const ceilingMs = Math.min(everyMs, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 20));
    return ceilingMs * (0.5 + Math.random() / 2);
  }

  /** Waits less where a failure came in between: an hour becomes a second. */
  async function pause(tookMs: number): Promise<void> {
    let untilMs = performance.now() + waitMs(tookMs);
    for (;;) {
      wake = new AbortController();
      await sleep(untilMs - performance.now(), AbortSignal.any([ended.signal, wake.signal]));
      if (!wake.signal.aborted || isEnded()) return;
      untilMs = Math.min(untilMs, performance.now() + waitMs(0));
    }
  }

  async function run(): Promise<void> {
    await sleep(Math.random() * Math.min(FIRST_WAIT_MOST_MS, everyMs), ended.signal);
    while (!ended.signal.aborted) {
      const startedMs = performance.now();
      try {
        await ask({ signal: ended.signal, deadlineMs });
        failures = 0;
      } catch (error) {
        if (!isEnded()) note(codedError(error, { code: 'INTERNAL', what: `Asking ${whom} failed` }));
      }
      await pause(performance.now() - startedMs);
    }
  }

  // `run` has caught whatever a question can throw.
  void run();
  return {
    verify: () => {
      if (failures < FAILURES_THAT_COUNT || cause === undefined) return;
      throw new DewproofError('SENSOR_UNAVAILABLE', `${whom} gives no values: ${cause.message}`, {
        cause,
        details: { reason: cause.code, failures },
      });
    },
    counts: () => ({ ...counts }),
    fail: (error) => {
      note(error);
      wake.abort();
    },
    close: () => {
      ended.abort();
    },
  };
}
