import type { DewproofError, ErrorCode } from '../core/errors.ts';
import type { Name, ResourceId } from '../core/ids.ts';
import type { StateFacts } from '../core/state/verified-state.ts';
import { applyVersion, type Applied, type ApplyDeps } from './apply-version.ts';
import { codedError } from './coded-error.ts';
import { isLack } from './lacks.ts';
import { nextDueMs } from './next-due.ts';
import { planChanges, type Action, type StopReason } from './plan-changes.ts';
import { waitMs } from './plan-restart.ts';
import { questionOf } from './plan-question.ts';
import { planRetry } from './plan-retry.ts';
import { failureEventOf, happeningOf, refusalOfUnit } from './receipts/happenings-of.ts';
import type { Refusals } from './refusals.ts';
import { retryWaiting, type Waiting } from './retry-waiting.ts';
import { returnToFallback } from './return-to-fallback.ts';
import type { Rollouts } from './rollouts.ts';
import { targetOfCommitted } from './state/evidence.ts';
import { stopMessages } from './stop-messages.ts';
import { stopSlot } from './stop-slot.ts';
import { createSlot, createUnit, type Slot, type Unit } from './unit.ts';
import { startingHealth, watchHealth } from './watch-health.ts';

const WAKE_AT_LEAST_EVERY_MS = 3_600_000;
// As after so many failures in a row: a disk that refused the way back is given up to half a minute.
const RETURN_RETRY_AFTER = 5;

/** What the reconciler needs of the device. */
export interface ReconcilerDeps extends Omit<ApplyDeps, 'onStep' | 'onFailure' | 'onTrouble'> {
  readonly refusals: Refusals;
  readonly rollouts: Rollouts;
  /** What was believed of the ledger when a dew was asked that has answered since. */
  readonly askedAt: () => StateFacts | undefined;
  /** A newer version waits until a dew was asked about it. */
  readonly onAsk: () => void;
  /** Called after every plan that was carried out. */
  readonly onPlanned: () => void;
  /** 0 up to but not including 1. */
  readonly random: () => number;
}

/** Keeps what runs in step with what the newest state and the dew ask for. */
export interface Reconciler {
  /** Plans anew and carries the plan out, soon: several calls in a row make one plan. */
  replan(): void;
  /** The resources that the dew asks for; which of them run, the state decides. */
  assign(resources: readonly Assigned[]): void;
  /** Tries at once what waits to be tried again: one resource, or all that wait because of one code. */
  retry(which: Waiting): void;
  units(): ReadonlyMap<ResourceId, Unit>;
  /** Stops everything; nothing starts any more. */
  close(): Promise<void>;
}

/** A resource by name and id. */
export interface Assigned {
  readonly resource: ResourceId;
  readonly tenant: Name;
  readonly name: Name;
}

/** Makes the reconciler of what the device remembers to have committed. */
export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { keeper, refusals } = deps;
  const units = new Map<ResourceId, Unit>();
  let assigned = new Map<ResourceId, Assigned>();
  const runs = new Set<Promise<void>>();
  const askedFor = new Map<ResourceId, bigint>();
  const frozenAt = new Map<ResourceId, bigint>();
  let planned = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  for (const [resource, committed] of deps.memory.committed) {
    const unit = createUnit({ resource, tenant: committed.tenant, name: committed.name });
    unit.current = createSlot(targetOfCommitted(committed));
    units.set(resource, unit);
  }

  function replan(): void {
    if (planned || closed) return;
    planned = true;
    queueMicrotask(() => {
      planned = false;
      if (!closed) carryOutPlan();
    });
  }

  function carryOutPlan(): void {
    const state = keeper.newest()?.state;
    if (state === undefined) return;
    const nowMs = performance.now();
    const question = questionOf({ state, units, assigned: new Set(assigned.keys()), nowMs }, deps);
    for (const action of planChanges(question)) carryOut(action);
    wakeForRetry(nowMs);
    deps.onPlanned();
  }

  function carryOut(action: Action): void {
    const unit = unitOf(action.resource);
    if (unit === undefined) return;
    switch (action.type) {
      case 'stop':
        stopUnit(unit, action.reason);
        break;
      case 'install':
        unit.next?.abort.abort();
        unit.next = createSlot(action.target);
        if (frozenAt.delete(action.resource)) settle(unit, 'FREEZE');
        replan();
        break;
      case 'discard':
        unit.next?.abort.abort();
        unit.next = undefined;
        break;
      case 'freeze':
        noteFrozen(unit, action);
        break;
      case 'ask':
        ask(action);
        break;
      case 'return':
        track(goBack(unit));
        break;
      case 'begin':
        begin(unit, unit[action.slot]);
        break;
      case 'release':
        unit[action.slot]?.release();
        break;
      case 'wait':
        Object.assign(unit[action.slot] ?? {}, { waitsFor: action.for });
        break;
    }
  }

  function unitOf(resource: ResourceId): Unit | undefined {
    const known = units.get(resource);
    const named = assigned.get(resource);
    if (known !== undefined || named === undefined) return known;
    const unit = createUnit(named);
    units.set(resource, unit);
    return unit;
  }

  function begin(unit: Unit, slot: Slot | undefined): void {
    if (slot === undefined) return;
    // A first assignment often comes before its proof: once that is here, nobody need look into it.
    if (unit.refused !== undefined && unit.refused !== 'UNASSIGNED') settle(unit, unit.refused);
    unit.refused = undefined;
    Object.assign(slot, { phase: 'preparing', health: startingHealth } satisfies Partial<Slot>);
    slot.abort = new AbortController();
    track(run({ unit, slot }, slot.abort.signal));
  }

  /** Has `close` wait for a run, none of which ever rejects. */
  function track(running: Promise<void>): void {
    runs.add(running);
    void running.then(() => runs.delete(running));
  }

  /** Once a version: a dew that does not answer is asked again at its own pace. */
  function ask({ resource, target }: Extract<Action, { type: 'ask' }>): void {
    if (askedFor.get(resource) === target.version) return;
    askedFor.set(resource, target.version);
    deps.onAsk();
  }

  /** Once a version: it stays as it is until newer proof comes. */
  function noteFrozen(unit: Unit, { resource, target }: Extract<Action, { type: 'freeze' }>): void {
    if (frozenAt.get(resource) === target.version) return;
    frozenAt.set(resource, target.version);
    const version = target.version.toString();
    const message = `What this device knows of version ${version} is too old to start it: it needs a newer bundle from a dew server or another edge.`;
    refusals.record({ about: `${unit.tenant}/${unit.name}`, code: 'FREEZE', message });
  }

  function settle({ tenant, name }: Unit, code: ErrorCode): void {
    refusals.settle({ about: `${tenant}/${name}`, code });
  }

  /** Makes the version before the committed one again, first on disk, then here; what runs goes on until then. */
  async function goBack(unit: Unit): Promise<void> {
    unit.isReturning = true;
    try {
      const target = await returnToFallback(unit, deps);
      if (target !== undefined) {
        stopBoth(unit);
        noteReturn(unit);
        Object.assign(unit, { current: createSlot(target), next: undefined } satisfies Partial<Unit>);
      }
    } catch (error) {
      unit.returnAtMs = performance.now() + waitMs({ failures: RETURN_RETRY_AFTER, random: deps.random });
      reportOf(unit, error);
    } finally {
      unit.isReturning = false;
      replan();
    }
  }

  /** One that failed was rolled back; where an order or the failures of others ended it, it was only stopped. */
  function noteReturn(unit: Unit): void {
    const code = deps.memory.rollouts.get(unit.resource)?.returned?.code;
    if (code == null || unit.current === undefined) return;
    deps.receipts.note(happeningOf({ unit, slot: unit.current }, { event: 'rollback', code, ...seen() }));
  }

  /** Runs one version until it is applied, aborted or failed; it never rejects. */
  async function run(applied: Applied, signal: AbortSignal): Promise<void> {
    const { unit, slot } = applied;
    const begunMs = performance.now();
    try {
      await unit.stopping;
      signal.throwIfAborted();
      await applyVersion(applied, { ...deps, onStep: replan, onFailure: fail, onTrouble: report });
      if (slot.phase === 'running') {
        slot.startedInMs = performance.now() - begunMs;
        const { tenant, name } = unit;
        deps.observer?.running({ tenant, name, version: slot.target.version, startedInMs: slot.startedInMs });
        guard(applied);
      }
    } catch (error) {
      if (!signal.aborted) fail(applied, error);
      // Stopped right when it was committed: it is what runs next, but not now.
      else if (unit.current === slot) unit.current = createSlot(slot.target);
    } finally {
      replan();
    }
  }

  function guard(applied: Applied): void {
    const { slot } = applied;
    const { host, configuration } = slot;
    if (host === undefined || configuration === undefined) return;
    const { signal } = slot.abort;
    void watchHealth({
      host,
      health: configuration.document.spec.health,
      signal,
      onChange: (health) => {
        slot.health = health;
      },
      onUnhealthy: (cause) => {
        report(applied, cause);
        if (!isLack(cause)) fail(applied, cause);
      },
    });
  }

  function fail(applied: Applied, error: unknown): void {
    const { unit, slot } = applied;
    const coded = report(applied, error);
    const failed = slot.phase === 'running' ? undefined : failureEventOf(applied, coded);
    if (failed !== undefined) deps.receipts.note(happeningOf(applied, { event: failed, code: coded.code, ...seen() }));
    const restart = slot.configuration?.document.spec.restart;
    const isCommitted = unit.current === slot;
    if (isCommitted && slot.phase !== 'preparing' && !isLack(error)) {
      deps.rollouts.noteFailure(unit.resource, { target: slot.target, code: coded.code });
    }
    const plan = planRetry({ slot, isCommitted, restart, error, nowMs: performance.now(), random: deps.random });
    stop(applied, coded.code);
    Object.assign(slot, plan);
    replan();
  }

  function seen() {
    return { state: keeper.newest()?.state };
  }

  function stop(applied: Applied, code?: ErrorCode): void {
    const wasRunning = applied.slot.phase === 'running';
    if (wasRunning) deps.receipts.note(happeningOf(applied, { event: 'stop', code, ...seen() }));
    stopSlot(applied, (error) => {
      report(applied, error);
    });
  }

  function stopBoth(unit: Unit, code?: ErrorCode): void {
    for (const slot of [unit.current, unit.next]) if (slot !== undefined) stop({ unit, slot }, code);
  }

  function report({ unit, slot }: Applied, error: unknown): DewproofError {
    slot.lastError = reportOf(unit, error);
    return slot.lastError;
  }

  function reportOf(unit: Unit, error: unknown): DewproofError {
    const coded = codedError(error, { code: 'INTERNAL', what: 'It failed' });
    refusals.record({ about: `${unit.tenant}/${unit.name}`, code: coded.code, message: coded.message });
    return coded;
  }

  function stopUnit(unit: Unit, reason: StopReason): void {
    unit.refused = reason;
    const code = reason === 'UNASSIGNED' ? undefined : reason;
    const isRunning = [unit.current, unit.next].some((slot) => slot?.phase === 'running');
    if (code !== undefined && !isRunning) deps.receipts.note(refusalOfUnit(unit, { code, ...seen() }));
    deps.observer?.stopped({ tenant: unit.tenant, name: unit.name, reason });
    if (reason !== 'UNASSIGNED') {
      refusals.record({ about: `${unit.tenant}/${unit.name}`, code: reason, message: stopMessages[reason] });
    }
    stopBoth(unit, code);
    unit.current = unit.current === undefined ? undefined : createSlot(unit.current.target);
    unit.next = undefined;
    if (reason === 'UNASSIGNED' && unit.current === undefined) units.delete(unit.resource);
  }

  /** Plans again when the next retry is due after `nowMs`, when it was planned last. */
  function wakeForRetry(nowMs: number): void {
    clearTimeout(timer);
    const waitMs = nextDueMs([...units.values()], { afterMs: nowMs }) - nowMs;
    if (Number.isFinite(waitMs)) timer = setTimeout(replan, Math.min(Math.max(waitMs, 1), WAKE_AT_LEAST_EVERY_MS));
  }

  return {
    replan,
    assign: (resources) => {
      assigned = new Map(resources.map((one) => [one.resource, one]));
      replan();
    },
    retry: (which) => {
      retryWaiting(units, which);
      replan();
    },
    units: () => units,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      for (const unit of units.values()) stopBoth(unit);
      await Promise.all([...runs, ...[...units.values()].map(({ stopping }) => stopping)]);
    },
  };
}
