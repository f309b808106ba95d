import type { Account } from '../core/account.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { ResourceId } from '../core/ids.ts';
import type { DeviceRecord } from '../core/ledger/records.ts';
import type { ReturnReason, RolloutStance } from '../core/rollout/decide-rollout.ts';
import { worstOf, type Freshness } from '../core/state/freshness.ts';
import type { FactKey, StateFacts } from '../core/state/verified-state.ts';
import { isSameTarget, targetOf, type Target } from './target.ts';

/** How far one version of a resource is: `installed` is verified and waits to be let start. */
export type SlotPhase = 'idle' | 'preparing' | 'installed' | 'starting' | 'committing' | 'running' | 'broken';

/** One version of a resource as the planner sees it; an `idle` one may begin at `retryAtMs`. */
export interface SlotView {
  readonly target: Target;
  readonly phase: SlotPhase;
  readonly retryAtMs: number;
  readonly requires: readonly ResourceId[];
  /** What its document wants where the device has lost the chain; undefined until that is verified. */
  readonly onDisconnect: 'continue' | 'stop' | undefined;
}

/** A resource as the planner sees it: `current` is the committed version, `next` the one that is to replace it. */
export interface UnitView {
  readonly current: SlotView | undefined;
  readonly next: SlotView | undefined;
  /** Why it does not run, where that was said already. */
  readonly refused: StopReason | undefined;
  /** Where it is going back to the version before; a way back that the disk refused is tried again at `retryAtMs`. */
  readonly way: { readonly isUnderWay: boolean; readonly retryAtMs: number };
}

/** Why a resource must not run; UNASSIGNED is no refusal, the dew placed it elsewhere. */
export type StopReason =
  | Extract<
      ErrorCode,
      'NOT_ENROLLED' | 'SUSPENDED' | 'NOT_PROVED' | 'NOT_APPROVED' | 'REVOKED' | 'WRONG_GROUP' | 'FREEZE'
    >
  | 'UNASSIGNED';

/** Which of a resource's versions. */
export type SlotName = 'current' | 'next';

/** One step of a plan. */
export type Action =
  /** Stop all versions of it, whatever they are doing. */
  | { readonly type: 'stop'; readonly resource: ResourceId; readonly reason: StopReason }
  /** Make `target` the version to come; one that is under way is superseded. */
  | { readonly type: 'install'; readonly resource: ResourceId; readonly target: Target }
  /** The version to come is not wanted any more, or not allowed: what the device knows of it is too old. */
  | { readonly type: 'discard'; readonly resource: ResourceId }
  /** A newer version is there, and what the device knows of it is too old to let it start. */
  | { readonly type: 'freeze'; readonly resource: ResourceId; readonly target: Target }
  /** Learn from a dew first whether a rollout order holds the newer version back. */
  | { readonly type: 'ask'; readonly resource: ResourceId; readonly target: Target }
  /** Go back from a version on probation to the one before it. */
  | { readonly type: 'return'; readonly resource: ResourceId; readonly reason: ReturnReason }
  /** Begin (again) to obtain and verify it. */
  | { readonly type: 'begin'; readonly resource: ResourceId; readonly slot: SlotName }
  /** Let a verified one start. */
  | { readonly type: 'release'; readonly resource: ResourceId; readonly slot: SlotName }
  /** A verified one waits until these run. */
  | {
      readonly type: 'wait';
      readonly resource: ResourceId;
      readonly slot: SlotName;
      readonly for: readonly ResourceId[];
    };

/** What a plan is made of; `nowMs` on the clock of `retryAtMs`. */
export interface PlanQuestion {
  readonly account: Account;
  /** What the dew asks to run here; it decides on nothing but where. */
  readonly assigned: ReadonlySet<ResourceId>;
  readonly state: StateFacts;
  /** How far what the state tells still counts. */
  readonly freshnessOf: (fact: FactKey) => Freshness;
  readonly units: ReadonlyMap<ResourceId, UnitView>;
  /** What rollout orders that the device believes have it do; none where there is no order. */
  readonly rollouts: ReadonlyMap<ResourceId, RolloutStance>;
  /** What was believed of the ledger when a dew was asked that has answered since. */
  readonly askedAt: StateFacts | undefined;
  readonly nowMs: number;
}

/**
 * Plans what a device does next. A resource that nothing changed for gets no action, so it is never restarted; one
 * that waits or fails holds up no other.
 */
export function planChanges(question: PlanQuestion): readonly Action[] {
  const resources = new Set([...question.units.keys(), ...question.assigned]);
  return [...resources].flatMap((resource) => planResource(resource, question));
}

function planResource(resource: ResourceId, question: PlanQuestion): readonly Action[] {
  const unit = question.units.get(resource) ?? nothing;
  const isFrozen = isFrozenHere(resource, question);
  const standing = isFrozen ? frozenStanding(unit, standingOf(resource, question)) : standingOf(resource, question);
  if (typeof standing === 'string')
    return isStopped(unit, { standing, record: question.state.record(resource) })
      ? []
      : [{ type: 'stop', resource, reason: standing }];
  if (isFrozen) return planFrozen(resource, { unit, wanted: standing, question });
  const stance = question.rollouts.get(resource) ?? none;
  if (stance.kind === 'return' || unit.way.isUnderWay) return planReturn(resource, { unit, stance, question });
  // Held back, what is committed goes on, whichever version it is.
  const wanted = stance.kind === 'hold' ? unit.current?.target : standing;
  return [...planNext(resource, { unit, wanted, question }), ...planSlots(resource, { unit, question })];
}

/** A dew takes a revoked resource away at once; callers are to hear why it stopped, not that it was moved. */
function isStopped(
  { refused, current }: UnitView,
  { standing, record }: { readonly standing: StopReason; readonly record: { readonly status: string } | undefined },
): boolean {
  if (refused === standing) return true;
  return standing === 'UNASSIGNED' && refused === 'REVOKED' && current !== undefined && record?.status === 'revoked';
}

/** What runs rests on its record and on the device's own standing: on the older of the two. */
function isFrozenHere(resource: ResourceId, { account, freshnessOf }: PlanQuestion): boolean {
  const facts = [{ kind: 'record', resource } as const, { kind: 'device', account } as const];
  return worstOf(facts.map(freshnessOf)) === 'FROZEN';
}

/** One whose document says so stops, and stays stopped until newer proof comes. */
function frozenStanding(unit: UnitView, standing: Target | StopReason): Target | StopReason {
  if (typeof standing === 'string') return standing;
  return unit.current?.onDisconnect === 'stop' || unit.refused === 'FREEZE' ? 'FREEZE' : standing;
}

/** Past `maxStaleness` what was committed goes on, and nothing else starts. */
function planFrozen(
  resource: ResourceId,
  { unit, wanted, question }: { unit: UnitView; wanted: Target; question: PlanQuestion },
): readonly Action[] {
  const { current, next } = unit;
  // What is being written as committed can't be called back.
  if (next?.phase === 'committing') return [];
  const old = current === undefined ? [] : planSlot({ resource, name: 'current', slot: current }, question);
  const discard: readonly Action[] = next === undefined ? [] : [{ type: 'discard', resource }];
  if (isSameTarget([current?.target, wanted])) return [...discard, ...old];
  return [...discard, { type: 'freeze', resource, target: wanted }, ...old];
}

const none: RolloutStance = { kind: 'none' };
const nothing: UnitView = {
  current: undefined,
  next: undefined,
  refused: undefined,
  way: { isUnderWay: false, retryAtMs: 0 },
};

/** Nothing else happens to a resource that goes back. */
function planReturn(
  resource: ResourceId,
  { unit, stance, question }: { unit: UnitView; stance: RolloutStance; question: PlanQuestion },
): readonly Action[] {
  const { isUnderWay, retryAtMs } = unit.way;
  if (stance.kind !== 'return' || isUnderWay || retryAtMs > question.nowMs) return [];
  return [{ type: 'return', resource, reason: stance.reason }];
}

/** What the ledger wants of a resource on this device, or why it must not run; one revocation stops all its versions. */
function standingOf(resource: ResourceId, { account, assigned, state }: PlanQuestion): Target | StopReason {
  // Left out is not absent: a server could bring that about.
  if (state.tellsOf?.({ kind: 'device', account }) === false) return 'NOT_PROVED';
  const device = state.device(account);
  if (device === undefined) return 'NOT_ENROLLED';
  if (device.status !== 'active') return 'SUSPENDED';
  if (!assigned.has(resource)) return 'UNASSIGNED';
  return recordStanding(resource, { state, device });
}

function recordStanding(
  resource: ResourceId,
  { state, device }: { state: StateFacts; device: DeviceRecord },
): Target | StopReason {
  if (state.tellsOf?.({ kind: 'record', resource }) === false) return 'NOT_PROVED';
  const record = state.record(resource);
  if (record === undefined) return 'NOT_APPROVED';
  if (record.status === 'revoked') return 'REVOKED';
  return record.group === device.group ? targetOf({ record, device }) : 'WRONG_GROUP';
}

function planNext(
  resource: ResourceId,
  { unit, wanted, question }: { unit: UnitView; wanted: Target | undefined; question: PlanQuestion },
): readonly Action[] {
  // What is being written as committed can't be called back; the plan after it goes on from there.
  if (unit.next?.phase === 'committing') return [];
  if (wanted === undefined || isSameTarget([unit.current?.target, wanted]))
    return unit.next === undefined ? [] : [{ type: 'discard', resource }];
  if (isSameTarget([unit.next?.target, wanted])) return [];
  const isNewer = unit.current !== undefined && unit.current.target.version < wanted.version;
  // An order was with the dews before its version was on the ledger: whoever asks after seeing it, gets the order too.
  const wasAsked = (question.askedAt?.record(resource)?.version ?? -1n) >= wanted.version;
  if (isNewer && !wasAsked) return [{ type: 'ask', resource, target: wanted }];
  return [{ type: 'install', resource, target: wanted }];
}

function planSlots(
  resource: ResourceId,
  { unit, question }: { unit: UnitView; question: PlanQuestion },
): readonly Action[] {
  return (['current', 'next'] as const).flatMap((name) => {
    const slot = unit[name];
    return slot === undefined ? [] : planSlot({ resource, name, slot }, question);
  });
}

function planSlot(
  { resource, name, slot }: { resource: ResourceId; name: SlotName; slot: SlotView },
  { units, nowMs }: PlanQuestion,
): readonly Action[] {
  if (slot.phase === 'idle') return slot.retryAtMs <= nowMs ? [{ type: 'begin', resource, slot: name }] : [];
  if (slot.phase !== 'installed') return [];
  const missing = slot.requires.filter((required) => units.get(required)?.current?.phase !== 'running');
  if (missing.length === 0) return [{ type: 'release', resource, slot: name }];
  return [{ type: 'wait', resource, slot: name, for: missing }];
}
