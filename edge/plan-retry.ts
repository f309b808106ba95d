import type { VirtualResource } from '../core/document/schema.ts';
import { isLack } from './lacks.ts';
import { MAX_ERRORS, planRestart, STEADY_AFTER_MS, waitMs } from './plan-restart.ts';
import type { Slot } from './unit.ts';

/** A version that failed: `restart` is its document's policy, where it came so far as to have one. */
export interface FailureQuestion {
  readonly slot: Pick<Slot, 'phase' | 'attempts' | 'errors' | 'restarts' | 'runningSinceMs'>;
  readonly isCommitted: boolean;
  readonly restart: VirtualResource['spec']['restart'] | undefined;
  readonly error: unknown;
  readonly nowMs: number;
  readonly random: () => number;
}

/** What becomes of it: `broken`, or `idle` until `retryAtMs`. */
export type RetryPlan = Pick<Slot, 'phase' | 'attempts' | 'errors' | 'restarts' | 'retryAtMs'>;

/**
 * Plans what follows a failure. What lies around a version (no server, no broker, a full disk) or in front of its start
 * (a refusal) is tried again without end, since it is no error of the version's own.
 */
export function planRetry(question: FailureQuestion): RetryPlan {
  const { slot, error, restart, isCommitted } = question;
  if (slot.phase === 'preparing' || isLack(error)) return retryLater(question, slot.errors);
  const wasSteady = slot.phase === 'running' && question.nowMs - slot.runningSinceMs > STEADY_AFTER_MS;
  const errors = wasSteady ? 1 : slot.errors + 1;
  if (isCommitted && restart !== undefined) return retryCommitted({ ...question, restart }, errors);
  // A version that never ran well is tried three times, whatever its policy says of one that did.
  return errors >= MAX_ERRORS ? stay({ slot, errors, phase: 'broken' }) : retryLater(question, errors);
}

function retryLater({ slot, nowMs, random }: FailureQuestion, errors: number): RetryPlan {
  const retryAtMs = nowMs + waitMs({ failures: slot.attempts, random });
  return { phase: 'idle', attempts: slot.attempts + 1, errors, restarts: slot.restarts, retryAtMs };
}

function retryCommitted(
  question: FailureQuestion & { restart: VirtualResource['spec']['restart'] },
  errors: number,
): RetryPlan {
  const { slot, restart, nowMs, random } = question;
  const plan = planRestart({ restart, errors, restarts: slot.restarts, nowMs, random });
  if ('stay' in plan) return stay({ slot, errors, phase: plan.stay === 'broken' ? 'broken' : 'idle' });
  const restarts = [...slot.restarts, plan.restartAtMs].slice(-restart.maxPerHour);
  return { phase: 'idle', attempts: 0, errors, restarts, retryAtMs: plan.restartAtMs };
}

function stay(of: { slot: FailureQuestion['slot']; errors: number; phase: 'broken' | 'idle' }): RetryPlan {
  return { phase: of.phase, attempts: 0, errors: of.errors, restarts: of.slot.restarts, retryAtMs: Infinity };
}
