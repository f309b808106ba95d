import type { DewproofError } from '../core/errors.ts';
import { applyVersion, type Applied, type ApplyDeps } from './apply-version.ts';
import { isLack } from './lacks.ts';
import { planRetry } from './plan-retry.ts';
import { failureEventOf, happeningOf } from './receipts/happenings-of.ts';
import type { Refusals } from './refusals.ts';
import { reportTrouble } from './report-trouble.ts';
import type { Rollouts } from './rollouts.ts';
import { stopVersion } from './stop-version.ts';
import { createSlot, type Slot } from './unit.ts';
import { startingHealth, watchHealth } from './watch-health.ts';

/** What running a version needs of the device. */
export interface RunDeps extends Omit<ApplyDeps, 'onFailure' | 'onTrouble'> {
  readonly refusals: Refusals;
  readonly rollouts: Pick<Rollouts, 'changesAtCommit' | 'noteFailure'>;
  /** 0 up to but not including 1. */
  readonly random: () => number;
}

/**
 * Runs one version until it is applied, aborted or failed, and watches it from then on; it never rejects. What failed
 * is stopped and waits to be tried again.
 */
export async function runVersion(applied: Applied, deps: RunDeps): Promise<void> {
  const { unit, slot } = applied;
  Object.assign(slot, {
    phase: 'preparing',
    health: startingHealth,
    abort: new AbortController(),
  } satisfies Partial<Slot>);
  const { signal } = slot.abort;
  const begunMs = performance.now();
  try {
    await unit.stopping;
    signal.throwIfAborted();
    await applyVersion(applied, { ...deps, ...listenersOf(deps) });
    if (slot.phase === 'running') noteRunning(applied, { deps, startedInMs: performance.now() - begunMs });
  } catch (error) {
    if (!signal.aborted) fail(applied, error, deps);
    // Stopped right when it was committed: it is what runs next, but not now.
    else if (unit.current === slot) unit.current = createSlot(slot.target);
  } finally {
    deps.onStep();
  }
}

function listenersOf(deps: RunDeps): Pick<ApplyDeps, 'onFailure' | 'onTrouble'> {
  return {
    onFailure: (applied, error) => {
      fail(applied, error, deps);
    },
    onTrouble: (applied, error) => {
      reportTrouble(applied, { error, refusals: deps.refusals });
    },
  };
}

function noteRunning(applied: Applied, { deps, startedInMs }: { deps: RunDeps; startedInMs: number }): void {
  const { unit, slot } = applied;
  slot.startedInMs = startedInMs;
  deps.observer?.running({ tenant: unit.tenant, name: unit.name, version: slot.target.version, startedInMs });
  watch(applied, deps);
}

function watch(applied: Applied, deps: RunDeps): void {
  const { slot } = applied;
  const { host, configuration } = slot;
  if (host === undefined || configuration === undefined) return;
  void watchHealth({
    host,
    health: configuration.document.spec.health,
    signal: slot.abort.signal,
    onChange: (health) => {
      slot.health = health;
    },
    onUnhealthy: (cause) => {
      reportTrouble(applied, { error: cause, refusals: deps.refusals });
      if (!isLack(cause)) fail(applied, cause, deps);
    },
  });
}

function fail(applied: Applied, error: unknown, deps: RunDeps): void {
  const { unit, slot } = applied;
  const { code } = noteFailure(applied, error, deps);
  const restart = slot.configuration?.document.spec.restart;
  const isCommitted = unit.current === slot;
  if (isCommitted && slot.phase !== 'preparing' && !isLack(error)) {
    deps.rollouts.noteFailure(unit.resource, { target: slot.target, code });
  }
  const plan = planRetry({ slot, isCommitted, restart, error, nowMs: performance.now(), random: deps.random });
  stopVersion(applied, deps, code);
  Object.assign(slot, plan);
  deps.onStep();
}

/** Of one that ran, the receipt of its stop tells why. */
function noteFailure(applied: Applied, error: unknown, { refusals, receipts, keeper }: RunDeps): DewproofError {
  const coded = reportTrouble(applied, { error, refusals });
  const event = applied.slot.phase === 'running' ? undefined : failureEventOf(applied, coded);
  const { code } = coded;
  if (event !== undefined) receipts.note(happeningOf(applied, { event, code, state: keeper.newest()?.state }));
  return coded;
}
