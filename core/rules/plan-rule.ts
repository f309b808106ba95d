import type { Truth } from './evaluate-condition.ts';

/** How a rule stands; times in milliseconds on one clock that never goes back. */
export interface RuleStanding {
  /** Since when it holds without a break; undefined where it does not. */
  readonly holdsSinceMs: number | undefined;
  /** Whether it fired since it began to hold. */
  readonly hasFired: boolean;
  readonly firedAtMs: number | undefined;
}

/** Of a rule that never held. */
export const neverHeld: RuleStanding = { holdsSinceMs: undefined, hasFired: false, firedAtMs: undefined };

/** A rule's durations in milliseconds. */
export interface RuleTiming {
  readonly forMs: number;
  readonly repeatMs: number | undefined;
  readonly cooldownMs: number;
}

/**
 * Decides whether a rule fires now. It fires once each time that it begins to hold (after `forMs` without a break), and
 * again every `repeatMs` while it holds. A truth that is unknown breaks a wait, but is no end: a sensor that was away
 * for a while makes no rule fire twice.
 */
export function planRule(
  standing: RuleStanding,
  { truth, timing, nowMs }: { readonly truth: Truth; readonly timing: RuleTiming; readonly nowMs: number },
): { readonly standing: RuleStanding; readonly fires: boolean } {
  if (truth === undefined) return { standing: { ...standing, holdsSinceMs: undefined }, fires: false };
  if (!truth) return { standing: { ...standing, holdsSinceMs: undefined, hasFired: false }, fires: false };
  const holdsSinceMs = standing.holdsSinceMs ?? nowMs;
  const sinceFiredMs = standing.firedAtMs === undefined ? Infinity : nowMs - standing.firedAtMs;
  const isRepeated = timing.repeatMs !== undefined && sinceFiredMs >= timing.repeatMs;
  const isDue = standing.hasFired ? isRepeated : nowMs - holdsSinceMs >= timing.forMs;
  if (!isDue || sinceFiredMs < timing.cooldownMs) return { standing: { ...standing, holdsSinceMs }, fires: false };
  return { standing: { holdsSinceMs, hasFired: true, firedAtMs: nowMs }, fires: true };
}
