import type { DewproofError } from '../core/errors.ts';
import type { Name, ResourceId } from '../core/ids.ts';
import type { VerifiedConfiguration } from '../core/verify.ts';
import type { Host } from './hosts/host.ts';
import type { SlotPhase, SlotView, StopReason, UnitView } from './plan-changes.ts';
import type { Target } from './target.ts';
import { startingHealth, type Health } from './watch-health.ts';

/** One version of a resource and how far it is; the reconciler and the run that it started change it. */
export interface Slot {
  target: Target;
  phase: SlotPhase;
  /** When an `idle` one may begin, on the clock of `performance.now`; Infinity where it is left as it is. */
  retryAtMs: number;
  requires: readonly ResourceId[];
  /** What an `installed` one waits for. */
  waitsFor: readonly ResourceId[];
  /** Ends the run under way. */
  abort: AbortController;
  /** Lets an `installed` one start. */
  release: () => void;
  configuration: VerifiedConfiguration | undefined;
  host: Host | undefined;
  health: Health;
  /** Failures in a row to obtain or verify it. */
  attempts: number;
  /** Errors of its own in a row: three make it broken. */
  errors: number;
  lastError: DewproofError | undefined;
  restarts: readonly number[];
  runningSinceMs: number;
  /** How long it took from the first step to running, what it waited for included. */
  startedInMs: number | undefined;
}

/** A resource on this device: the version that is committed, and the one that is to replace it. */
export interface Unit {
  readonly resource: ResourceId;
  readonly tenant: Name;
  readonly name: Name;
  current: Slot | undefined;
  next: Slot | undefined;
  /** Why it was stopped. */
  refused: StopReason | undefined;
  /** Settled once what was stopped is gone. */
  stopping: Promise<void>;
  isStopping: boolean;
  /** It is going back to the version before. */
  isReturning: boolean;
  /** When a way back that failed is tried again, on the clock of `performance.now`. */
  returnAtMs: number;
}

/** A resource of which nothing runs yet. */
export function createUnit(of: { resource: ResourceId; tenant: Name; name: Name }): Unit {
  const idle = { current: undefined, next: undefined, refused: undefined };
  return { ...of, ...idle, stopping: Promise.resolve(), isStopping: false, isReturning: false, returnAtMs: 0 };
}

/** A version of which nothing was tried yet. */
export function createSlot(target: Target): Slot {
  return {
    target,
    phase: 'idle',
    retryAtMs: 0,
    requires: [],
    waitsFor: [],
    abort: new AbortController(),
    release: () => undefined,
    configuration: undefined,
    host: undefined,
    health: startingHealth,
    attempts: 0,
    errors: 0,
    lastError: undefined,
    restarts: [],
    runningSinceMs: 0,
    startedInMs: undefined,
  };
}

/** What the planner needs to know of a resource. */
export function viewOfUnit({ current, next, refused, isReturning, returnAtMs }: Unit): UnitView {
  const way = { isUnderWay: isReturning, retryAtMs: returnAtMs };
  return { current: viewOfSlot(current), next: viewOfSlot(next), refused, way };
}

function viewOfSlot(slot: Slot | undefined): SlotView | undefined {
  if (slot === undefined) return undefined;
  const { target, phase, retryAtMs, requires, configuration } = slot;
  return { target, phase, retryAtMs, requires, onDisconnect: configuration?.document.spec.onDisconnect };
}
