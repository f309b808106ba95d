import type { ErrorCode } from '../core/errors.ts';
import type { Name, ResourceId } from '../core/ids.ts';
import { applyVersion, type Applied, type ApplyDeps } from './apply-version.ts';
import { codedError } from './coded-error.ts';
import { isLack } from './lacks.ts';
import { planChanges, type Action, type StopReason } from './plan-changes.ts';
import { planRetry } from './plan-retry.ts';
import type { Refusals } from './refusals.ts';
import { targetOfCommitted } from './state-keeper.ts';
import { stopSlot } from './stop-slot.ts';
import { createSlot, createUnit, viewOfUnit, type Slot, type Unit } from './unit.ts';
import { startingHealth, watchHealth } from './watch-health.ts';

const WAKE_AT_LEAST_EVERY_MS = 3_600_000;

/** What the reconciler needs of the device. */
export interface ReconcilerDeps extends Omit<ApplyDeps, 'onStep' | 'onFailure'> {
  readonly refusals: Refusals;
  /** 0 up to but not including 1. */
  readonly random: () => number;
}

/** Keeps what runs in step with what the newest state and the dew ask for. */
export interface Reconciler {
  /** Plans anew and carries the plan out, soon: several calls in a row make one plan. */
  replan(): void;
  /** The resources that the dew asks for; which of them run, the state decides. */
  assign(resources: readonly Assigned[]): void;
  /** Tries at once what waits to be tried again because of `code`: what it lacked may be there now. */
  retry(code: ErrorCode): void;
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
    const views = new Map([...units].map(([resource, unit]) => [resource, viewOfUnit(unit)]));
    const question = {
      account: deps.account,
      assigned: new Set(assigned.keys()),
      state,
      units: views,
      nowMs,
    };
    for (const action of planChanges(question)) carryOut(action);
    wakeForRetry(nowMs);
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
        replan();
        break;
      case 'discard':
        unit.next?.abort.abort();
        unit.next = undefined;
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
    unit.refused = undefined;
    Object.assign(slot, { phase: 'preparing', health: startingHealth } satisfies Partial<Slot>);
    slot.abort = new AbortController();
    const running = run({ unit, slot }, slot.abort.signal);
    runs.add(running);
    void running.then(() => runs.delete(running));
  }

  /** Runs one version until it is applied, aborted or failed; it never rejects. */
  async function run(applied: Applied, signal: AbortSignal): Promise<void> {
    const { unit, slot } = applied;
    const begunMs = performance.now();
    try {
      await unit.stopping;
      signal.throwIfAborted();
      await applyVersion(applied, { ...deps, onStep: replan, onFailure: fail });
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
    report(applied, error);
    const restart = slot.configuration?.document.spec.restart;
    const isCommitted = unit.current === slot;
    const plan = planRetry({ slot, isCommitted, restart, error, nowMs: performance.now(), random: deps.random });
    stop(applied);
    Object.assign(slot, plan);
    replan();
  }

  function stop(applied: Applied): void {
    stopSlot(applied, (error) => {
      report(applied, error);
    });
  }

  function report({ unit, slot }: Applied, error: unknown): void {
    const coded = codedError(error, { code: 'INTERNAL', what: 'It failed' });
    slot.lastError = coded;
    refusals.record({ about: `${unit.tenant}/${unit.name}`, code: coded.code, message: coded.message });
  }

  function stopUnit(unit: Unit, reason: StopReason): void {
    unit.refused = reason;
    deps.observer?.stopped({ tenant: unit.tenant, name: unit.name, reason });
    if (reason !== 'UNASSIGNED') {
      refusals.record({ about: `${unit.tenant}/${unit.name}`, code: reason, message: messageOf[reason] });
    }
    for (const slot of [unit.current, unit.next]) if (slot !== undefined) stop({ unit, slot });
    unit.current = unit.current === undefined ? undefined : createSlot(unit.current.target);
    unit.next = undefined;
    if (reason === 'UNASSIGNED' && unit.current === undefined) units.delete(unit.resource);
  }

  /** Plans again when the next retry is due after `nowMs`, when it was planned last. */
  function wakeForRetry(nowMs: number): void {
    clearTimeout(timer);
    const slots = [...units.values()].flatMap(({ current, next }) => [current, next]);
    // One that is due and did not begin just now belongs to a resource that must not run.
    const due = slots.flatMap((slot) => (slot?.phase === 'idle' && slot.retryAtMs > nowMs ? [slot.retryAtMs] : []));
    const waitMs = Math.min(...due) - nowMs;
    if (Number.isFinite(waitMs)) timer = setTimeout(replan, Math.min(Math.max(waitMs, 1), WAKE_AT_LEAST_EVERY_MS));
  }

  return {
    replan,
    assign: (resources) => {
      assigned = new Map(resources.map((one) => [one.resource, one]));
      replan();
    },
    retry: (code) => {
      for (const { current, next } of units.values()) {
        for (const slot of [current, next]) {
          const waits = slot?.phase === 'idle' && slot.lastError?.code === code && Number.isFinite(slot.retryAtMs);
          if (waits) Object.assign(slot, { retryAtMs: 0, attempts: 0 } satisfies Partial<Slot>);
        }
      }
      replan();
    },
    units: () => units,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      for (const unit of units.values()) {
        for (const slot of [unit.current, unit.next]) if (slot !== undefined) stop({ unit, slot });
      }
      await Promise.all([...runs, ...[...units.values()].map(({ stopping }) => stopping)]);
    },
  };
}

const messageOf: Readonly<Record<Exclude<StopReason, 'UNASSIGNED'>, string>> = {
  NOT_ENROLLED: 'The ledger does not know this device; nothing runs until it is enrolled.',
  SUSPENDED: 'The ledger says that this device is not active; everything is stopped, its data is kept.',
  NOT_APPROVED: 'The ledger has no approved version of this resource for this group; have one approved.',
  REVOKED: 'The newest version was revoked; the resource is stopped until a newer one is approved.',
  WRONG_GROUP: 'The ledger has this resource for another group; it is stopped here.',
};
