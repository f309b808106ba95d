import type { ErrorCode } from '../core/errors.ts';
import type { Name, ResourceId } from '../core/ids.ts';
import type { StateFacts } from '../core/state/verified-state.ts';
import { goBack } from './go-back.ts';
import { nextDueMs } from './next-due.ts';
import { planChanges, type Action, type StopReason } from './plan-changes.ts';
import { questionOf } from './plan-question.ts';
import { retryWaiting, type Waiting } from './retry-waiting.ts';
import type { Rollouts } from './rollouts.ts';
import { runVersion, type RunDeps } from './run-version.ts';
import { targetOfCommitted } from './state/evidence.ts';
import { stopUnit } from './stop-unit.ts';
import { stopBoth } from './stop-version.ts';
import { createSlot, createUnit, type Slot, type Unit } from './unit.ts';

const WAKE_AT_LEAST_EVERY_MS = 3_600_000;

/** What the reconciler needs of the device. */
export interface ReconcilerDeps extends Omit<RunDeps, 'onStep'> {
  readonly rollouts: Rollouts;
  /** What was believed of the ledger when a dew was asked that has answered since. */
  readonly askedAt: () => StateFacts | undefined;
  /** A newer version waits until a dew was asked about it. */
  readonly onAsk: () => void;
  /** Called after every plan that was carried out. */
  readonly onPlanned: () => void;
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
  const runDeps = { ...deps, onStep: replan };
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
        stop(unit, action.reason);
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
        track(goBack(unit, runDeps));
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
    track(runVersion({ unit, slot }, runDeps));
  }

  function stop(unit: Unit, reason: StopReason): void {
    stopUnit(unit, reason, deps);
    if (reason === 'UNASSIGNED' && unit.current === undefined) units.delete(unit.resource);
  }

  /** Has `close` wait for a run, none of which ever rejects. */
  function track(run: Promise<void>): void {
    runs.add(run);
    void run.then(() => runs.delete(run));
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
      for (const unit of units.values()) stopBoth(unit, deps);
      await Promise.all([...runs, ...[...units.values()].map(({ stopping }) => stopping)]);
    },
  };
}
