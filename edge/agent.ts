import type { Account } from '../core/account.ts';
import { hasCode, type ErrorCode } from '../core/errors.ts';
import { resourceIdOf, type ResourceId } from '../core/ids.ts';
import type { IsSignedBy, SignMessage } from '../core/signatures.ts';
import type { StateFacts } from '../core/state/verified-state.ts';
import { MAX_ASSIGNMENTS, type AssignmentList } from '../core/wire/assignment.ts';
import { createBackoff } from '../platform/backoff.ts';
import type { Clock } from '../platform/clock.ts';
import { sleep } from '../platform/sleep.ts';
import { nextAgentState, type AgentState } from './agent-state.ts';
import { codedError } from './coded-error.ts';
import type { DewClient } from './dew-client.ts';
import { followAssignments } from './follow-assignments.ts';
import { followState, type FollowStateDeps } from './state/follow-state.ts';
import type { IsOfRotation } from './state/judge-rotation.ts';
import type { StartHost } from './hosts/host.ts';
import { mendStore } from './mend-store.ts';
import type { Observer } from './observer.ts';
import type { ContentSources } from './obtain-content.ts';
import { createReconciler } from './reconciler.ts';
import type { ReceiptSink } from './receipts/happening.ts';
import type { Refusals } from './refusals.ts';
import { createOutcomeReporter } from './report-outcomes.ts';
import { outcomesOf } from './rollout-outcomes.ts';
import type { Waiting } from './retry-waiting.ts';
import { rolloutStatus, type RolloutStatus } from './rollout-status.ts';
import { createRollouts } from './rollouts.ts';
import type { Secrets } from './secrets/secrets.ts';
import type { StateKeeper } from './state/state-keeper.ts';
import type { DeviceMemory } from './store/device-memory.ts';
import type { EdgeStore } from './store/edge-store.ts';
import type { StoredAssigned } from './store/stored-records.ts';
import { sweepContents } from './sweep-contents.ts';
import type { Unit } from './unit.ts';
import { createReplayWatch } from './watch-replays.ts';
import { verifyStored, type StoredReport } from './verify-stored.ts';

const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 60_000;

/** What the life of a device needs. */
export interface AgentDeps {
  readonly account: Account;
  readonly store: EdgeStore;
  readonly memory: DeviceMemory;
  readonly keeper: StateKeeper;
  readonly source: FollowStateDeps['source'];
  /** Other edges, which tell of heads that the source may keep back. */
  readonly peers?: FollowStateDeps['source'];
  readonly dew: DewClient;
  readonly hosts: Readonly<Record<string, StartHost>>;
  readonly secrets: Pick<Secrets, 'prepare' | 'get'>;
  readonly refusals: Refusals;
  readonly receipts: ReceiptSink;
  readonly observer?: Observer;
  /** A source of the ledger was heard that has nothing newer. */
  readonly onNothingNewer?: () => void;
  /** Whose refusals are not reported. */
  readonly isOfRotation?: IsOfRotation;
  readonly random: () => number;
  readonly pollEveryMs: number;
  readonly clock: Clock;
  readonly isSignedBy: IsSignedBy;
  /** Signs as the device's account (EIP-191); without it no dew is told how rollouts fare here. */
  readonly signMessage?: SignMessage | undefined;
}

/** A device at work. */
export interface Agent {
  state(): AgentState;
  readonly units: () => ReadonlyMap<ResourceId, Unit>;
  /** What a rollout order has a resource do here; undefined where none concerns it. */
  rolloutOf(resource: ResourceId): RolloutStatus | undefined;
  /** Somebody hinted that there is news. */
  readonly wake: () => void;
  /** What a resource lacked, or all that wait for the same, may be there now. */
  readonly retry: (which: Waiting) => void;
  /** Verifies what the disk holds; what is refused is obtained anew, and what runs goes on running. */
  verify(): Promise<StoredReport>;
  /** Takes a bundle that came by hand, and acts on it. @throws what StateKeeper.accept does */
  take(bundle: Uint8Array): Promise<void>;
  /** Opens what is believed by another anchor; what no longer opens is refused, and asked for anew. It never rejects. */
  believeAnew(): Promise<void>;
  /** Asks all sources anew: what was refused may hold now. */
  readonly askAnew: () => void;
  /** Ends every state it may be in. */
  close(): Promise<void>;
}

/** Lives: restore what is remembered, start it, then follow the ledger and the dew until closed. */
export async function startAgent(deps: AgentDeps): Promise<Agent> {
  const { memory, keeper, refusals } = deps;
  const life = new AbortController();
  const { signal } = life;
  const sources: ContentSources = {
    store: deps.store,
    dew: deps.dew,
    onDamage: ({ code, message }) => {
      refusals.record({ about: 'store', code, message });
    },
  };
  const rollouts = createRollouts(deps);
  let askedAt: StateFacts | undefined;
  // Until there is a follower: it asks as soon as there is one.
  let wake: () => void = () => undefined;
  const reconciler = createReconciler({
    ...deps,
    sources,
    rollouts,
    askedAt: () => askedAt,
    onAsk: () => {
      wake();
    },
    onPlanned: () => {
      if (reporter?.isNews()) wake();
    },
  });
  const noticeReplay = createReplayWatch(refusals);
  let state: AgentState = { phase: 'restoring' };
  let mending: Promise<void> | undefined;

  const backoff = () => createBackoff({ firstMs: RETRY_FIRST_MS, mostMs: RETRY_MOST_MS, random: deps.random, sleep });
  const reconcile = () => {
    state = nextAgentState(keeper.newest()?.state, { account: deps.account, before: state });
    reconciler.replan();
  };

  async function restore(): Promise<void> {
    let code: ErrorCode | undefined;
    try {
      await keeper.restore();
    } catch (error) {
      if (!hasCode(error)) throw error;
      ({ code } = error);
      refusals.record({ about: 'ledger', code, message: error.message });
    }
    state = { phase: 'waiting', code };
    assign(memory.assigned ?? { resources: [] });
    reconcile();
  }

  function assign({ resources }: StoredAssigned): void {
    reconciler.assign(resources.map((names) => ({ ...names, resource: resourceIdOf(names) })));
  }

  /** Orders come first: what they hold back must not start in between. */
  async function takeAnswer(list: AssignmentList | undefined, asked: StateFacts | undefined): Promise<void> {
    await rollouts.take(list?.rollouts);
    askedAt = asked;
    if (list !== undefined) await takeAssignments(list);
    reconciler.replan();
    await reporter?.report().catch((error: unknown) => {
      // What it was asked for is known all the same.
      const { code, message } = codedError(error, { code: 'INTERNAL', what: 'The dew could not be told of rollouts' });
      if (!life.signal.aborted) refusals.record({ about: 'dew', code, message });
    });
  }

  async function takeAssignments(list: AssignmentList): Promise<void> {
    noticeReplay(list, keeper.newest()?.state);
    const value = { resources: resourcesOf(list, reconciler.units()) };
    assign(value);
    // Not on disk, it counts nevertheless: the dew is asked again after a boot.
    await memory.remember(() => [{ kind: 'assigned', value }]);
    await sweepContents({ ...deps, units: reconciler.units() });
  }

  async function verify(): Promise<StoredReport> {
    const report = await verifyStored({ ...deps, runtimes: Object.keys(deps.hosts) });
    for (const refusal of report.refusals) refusals.record(refusal);
    if (report.refusals.some(({ about }) => about === 'ledger')) follower.askAnew();
    if (report.refusals.some(({ about }) => about !== 'ledger')) {
      mending ??= mendStore({ memory, sources, refusals, signal }).finally(() => {
        mending = undefined;
      });
    }
    return report;
  }

  const outcomes = () => outcomesOf({ ...deps, rollouts, units: reconciler.units(), state: keeper.newest()?.state });
  const reporter =
    deps.signMessage && createOutcomeReporter({ dew: deps.dew, outcomes, signMessage: deps.signMessage, signal });
  await restore();
  const following = { ...deps, onAccepted: reconcile, signal };
  const follower = followState({ ...following, backoff: backoff() });
  const peers = deps.peers && followState({ ...following, source: deps.peers, about: 'peers', backoff: backoff() });
  // What is known ages without any news.
  const ageing = setInterval(reconcile, deps.pollEveryMs);
  const askAnew = () => {
    follower.askAnew();
    peers?.askAnew();
  };
  const assignments = followAssignments({
    ...deps,
    backoff: backoff(),
    everyMs: deps.pollEveryMs,
    state: () => keeper.newest()?.state,
    onAnswer: takeAnswer,
    signal,
  });
  ({ wake } = assignments);

  return {
    state: () => state,
    units: () => reconciler.units(),
    rolloutOf: (resource) => rolloutStatus(memory.rollouts.get(resource), rollouts.stanceOf(resource)),
    wake: assignments.wake,
    retry: (which) => {
      reconciler.retry(which);
    },
    verify,
    take: async (bundle) => {
      try {
        await keeper.accept(bundle);
      } finally {
        // Where the disk failed it counts nevertheless.
        reconcile();
      }
    },
    believeAnew: async () => {
      try {
        await keeper.restore();
      } catch (error) {
        const { code, message } = codedError(error, { code: 'INTERNAL', what: 'The state could not be opened anew' });
        refusals.record({ about: 'ledger', code, message });
      }
      // What was refused by the anchor before may hold by this one.
      askAnew();
      reconcile();
    },
    askAnew,
    close: async () => {
      life.abort();
      clearInterval(ageing);
      state = { phase: 'stopped' };
      await Promise.all([follower.ended, peers?.ended, assignments.ended, mending, reconciler.close()]);
    },
  };
}

/** What the dew assigns, and what it can't decide about where this device has it already. */
function resourcesOf(
  { assignments, undecided }: AssignmentList,
  units: ReadonlyMap<ResourceId, Unit>,
): StoredAssigned['resources'] {
  const kept = [...units.values()].filter(({ resource }) => undecided.includes(resource));
  const named = [...assignments, ...kept].map(({ tenant, name }) => ({ tenant, name }));
  return [...new Map(named.map((one) => [resourceIdOf(one), one])).values()].slice(0, MAX_ASSIGNMENTS);
}
