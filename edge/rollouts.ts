import type { Account } from '../core/account.ts';
import { DewproofError, hasCode, type ErrorCode } from '../core/errors.ts';
import type { ResourceId } from '../core/ids.ts';
import { verifyAccess } from '../core/policy.ts';
import { failedCanaries } from '../core/rollout/count-failures.ts';
import { decideRollout, isSame, type RolloutStance } from '../core/rollout/decide-rollout.ts';
import { digestOfOrder, resourceOfOrder, type SignedOrder } from '../core/rollout/order.ts';
import { verifyOrder } from '../core/rollout/verify-order.ts';
import type { IsSignedBy } from '../core/signatures.ts';
import type { StateFacts } from '../core/state/verified-state.ts';
import type { RolloutNote } from '../core/wire/rollout-note.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { Refusals } from './refusals.ts';
import type { StateKeeper } from './state/state-keeper.ts';
import type { DeviceMemory } from './store/device-memory.ts';
import type { StoreChange } from './store/edge-store.ts';
import type { StoredCommitted, StoredRollout } from './store/stored-records.ts';
import type { Target } from './target.ts';

/** What a device needs to judge rollout orders. */
export interface RolloutsDeps {
  readonly account: Account;
  readonly memory: DeviceMemory;
  readonly keeper: StateKeeper;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly isSignedBy: IsSignedBy;
}

/** A device's rollouts: which orders it believes, and what they have it do. */
export interface Rollouts {
  /**
   * Takes what a dew hands over, or looks again at what it handed over last where nothing is given: an order may be
   * about a version that the ledger has only now. What is believed is on disk when it returns; what is refused is
   * reported and changes nothing. @throws DISK_FULL, STORE_CORRUPT
   */
  take(notes?: readonly RolloutNote[]): Promise<void>;
  stanceOf(resource: ResourceId): RolloutStance;
  /** A committed version failed by itself; on probation that sends it back. */
  noteFailure(resource: ResourceId, failure: { readonly target: Target; readonly code: ErrorCode }): void;
  /** What is to be written with a commit of `target`: what stood before it is kept while an order says so. */
  changesAtCommit(resource: ResourceId, target: Target): readonly StoreChange[];
  /** What makes the version before the committed one again; nothing where it may not go back (any more). */
  changesAtReturn(resource: ResourceId): readonly StoreChange[];
  /** What makes a version that it can't go back from: what it would go back to is lost. */
  changesWithoutFallback(resource: ResourceId): readonly StoreChange[];
}

/** Makes a device's judgement of orders, going on from what it accepted before. */
export function createRollouts(deps: RolloutsDeps): Rollouts {
  const { memory, keeper, refusals, account } = deps;
  const failures = new Map<ResourceId, { readonly target: Target; readonly code: ErrorCode }>();
  let offered: readonly RolloutNote[] = [];

  const now = () => unixSeconds(deps.clock);

  /** The change that takes one note, or none where it says nothing new. @throws what `verifyOrder` does, MIX_AND_MATCH */
  function changeOf({ signed, failures: proofs }: RolloutNote, state: StateFacts): StoreChange | undefined {
    const { order } = signed;
    const resource = resourceOfOrder(order);
    const record = state.record(resource);
    // Its version is still to come: it is looked at again when the ledger has it.
    if (record === undefined || BigInt(order.to.version) > record.version) return undefined;
    if (!isSame(order.to, record)) {
      throw new DewproofError(
        'MIX_AND_MATCH',
        'A rollout order is about a version that is not the newest of the ledger.',
      );
    }
    const known = memory.rollouts.get(resource);
    const question = {
      signed,
      identity: state.identity,
      resource,
      known: known?.signed.order,
      facts: state,
      now: now(),
      aging: keeper.aging,
    };
    const isKnown = known !== undefined && digestOfOrder(known.signed.order) === digestOfOrder(order);
    const value = isKnown ? known : acceptedAfter(known, { ...signed, order: verifyOrder(question, deps) });
    const isHalted =
      value.halted || failedCanaries({ order, outcomes: proofs }, deps).size >= value.signed.order.errorThreshold;
    if (isKnown && isHalted === known.halted) return undefined;
    return { kind: 'rollout', resource, value: { ...value, halted: isHalted } };
  }

  async function takeOne(note: RolloutNote): Promise<void> {
    try {
      await memory.remember(() => {
        const state = keeper.newest()?.state;
        const change = state && changeOf(note, state);
        return change === undefined ? [] : [change];
      });
    } catch (error) {
      if (hasCode(error, 'DISK_FULL', 'STORE_CORRUPT') || !hasCode(error)) throw error;
      const { tenant, name } = note.signed.order;
      refusals.record({ about: `${tenant}/${name}`, code: error.code, message: error.message });
    }
  }

  function isPermitted({ order }: SignedOrder, state: StateFacts): boolean {
    try {
      const resource = resourceOfOrder(order);
      // Of any age: an order was judged when it was taken, and one that lapsed would let go of what it holds back.
      verifyAccess({ account: order.author, resource, action: 'manage', now: now() }, state);
      return true;
    } catch (error) {
      if (hasCode(error, 'FORBIDDEN')) return false;
      throw error;
    }
  }

  function failureOf(resource: ResourceId, { signed }: StoredRollout) {
    const failure = failures.get(resource);
    return failure !== undefined && isSame(signed.order.to, failure.target) ? failure : undefined;
  }

  function stanceOf(resource: ResourceId): RolloutStance {
    const rollout = memory.rollouts.get(resource);
    const state = keeper.newest()?.state;
    if (rollout === undefined || state === undefined) return { kind: 'none' };
    return decideRollout({
      order: rollout.signed.order,
      account,
      head: state.record(resource),
      committed: memory.committed.get(resource),
      fallback: rollout.fallback ?? undefined,
      isPermitted: isPermitted(rollout.signed, state),
      hasFailed: failureOf(resource, rollout) !== undefined,
      hasReturned: rollout.returned !== null,
      isHalted: rollout.halted,
    });
  }

  return {
    take: async (notes) => {
      offered = notes ?? offered;
      // One a resource: the signatures of the others need not be looked at.
      const byResource = new Map(offered.map((note) => [resourceOfOrder(note.signed.order), note]));
      for (const note of byResource.values()) await takeOne(note);
    },
    stanceOf,
    noteFailure: (resource, failure) => {
      failures.set(resource, failure);
    },
    changesAtCommit: (resource, target) => {
      const rollout = memory.rollouts.get(resource);
      return rollout === undefined
        ? []
        : changesOf(resource, { rollout, target, committed: memory.committed.get(resource) });
    },
    changesAtReturn: (resource) => {
      const [rollout, stance] = [memory.rollouts.get(resource), stanceOf(resource)];
      if (stance.kind !== 'return' || rollout?.fallback == null) return [];
      const { reason } = stance;
      const code = reason === 'failed' ? (failureOf(resource, rollout)?.code ?? null) : null;
      return [
        { kind: 'committed', resource, value: rollout.fallback },
        { kind: 'rollout', resource, value: { ...rollout, fallback: null, returned: { reason, code } } },
      ];
    },
    changesWithoutFallback: (resource) => {
      const rollout = memory.rollouts.get(resource);
      return rollout === undefined ? [] : [{ kind: 'rollout', resource, value: { ...rollout, fallback: null } }];
    },
  };
}

/** What a new order leaves of what its forerunner for the same version brought about: all of it until it is promoted. */
function acceptedAfter(known: StoredRollout | undefined, signed: SignedOrder): StoredRollout {
  const { to, phase } = signed.order;
  const goesOn = known?.signed.order.to.digest === to.digest && phase !== 'promoted';
  const { fallback, returned } = known !== undefined && goesOn ? known : { fallback: null, returned: null };
  return { signed, fallback, returned, halted: false };
}

function changesOf(
  resource: ResourceId,
  { rollout, target, committed }: { rollout: StoredRollout; target: Target; committed: StoredCommitted | undefined },
): readonly StoreChange[] {
  const { from, to, phase } = rollout.signed.order;
  // A newer version stands now: the order is history.
  if (target.version > BigInt(to.version)) return [{ kind: 'rollout', resource, value: undefined }];
  if (!isSame(to, target) || phase === 'promoted' || rollout.fallback !== null) return [];
  if (committed === undefined || !isSame(from, committed)) return [];
  return [{ kind: 'rollout', resource, value: { ...rollout, fallback: committed } }];
}
