import type { StateFacts } from '../core/state/verified-state.ts';
import type { AssignmentList } from '../core/wire/assignment.ts';
import type { Backoff } from '../platform/backoff.ts';
import { sleep } from '../platform/sleep.ts';
import { codedError } from './coded-error.ts';
import type { DewClient } from './dew-client.ts';
import type { Refusals } from './refusals.ts';

// However many hints come, the dew is asked no more often than this.
const LEAST_PAUSE_MS = 1000;

/** What asking the dew needs; `random` 0 up to but not including 1. */
export interface FollowAssignmentsDeps {
  readonly dew: DewClient;
  readonly refusals: Refusals;
  readonly backoff: Backoff;
  readonly random: () => number;
  readonly everyMs: number;
  /** What is believed of the ledger now. */
  readonly state: () => StateFacts | undefined;
  /** Takes an answer: a list, or undefined where nothing changed; `askedAt` is what was believed when it was asked for. */
  readonly onAnswer: (list: AssignmentList | undefined, askedAt: StateFacts | undefined) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Asks the dew until its signal aborts. */
export interface AssignmentsFollower {
  readonly ended: Promise<void>;
  /** Asks soon: somebody hinted that there is news. */
  readonly wake: () => void;
}

/** Asks what to run at an interval with jitter, and sooner when woken; a dew that is gone is asked ever less often. */
export function followAssignments(deps: FollowAssignmentsDeps): AssignmentsFollower {
  const { signal, backoff, refusals } = deps;
  let woken = new AbortController();

  /** Asks once, then rests until it is time again or somebody wakes us. */
  async function ask(): Promise<void> {
    try {
      const askedAt = deps.state();
      await take(await deps.dew.assignments(signal), askedAt);
      backoff.reset();
      await sleep(deps.everyMs * (0.8 + 0.4 * deps.random()), woken.signal);
    } catch (error) {
      if (signal.aborted) return;
      report(error);
      await backoff.wait(woken.signal);
    }
  }

  async function take(list: AssignmentList | undefined, askedAt: StateFacts | undefined): Promise<void> {
    try {
      await deps.onAnswer(list, askedAt);
    } catch (error) {
      // A full disk did not keep it: were it `not modified` from now on, a boot without a dew would not know it.
      deps.dew.forgetAssignments();
      throw error;
    }
  }

  function report(error: unknown): void {
    const coded = codedError(error, { code: 'INTERNAL', what: 'The dew could not be asked' });
    refusals.record({ about: 'dew', code: coded.code, message: coded.message });
  }

  async function follow(): Promise<void> {
    signal.addEventListener('abort', () => {
      woken.abort();
    });
    while (!signal.aborted) {
      woken = new AbortController();
      await ask();
      await sleep(Math.min(LEAST_PAUSE_MS, deps.everyMs), signal);
    }
  }

  return {
    ended: follow(),
    wake: () => {
      woken.abort();
    },
  };
}
