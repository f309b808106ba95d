import { digestOf, type Digest } from '../core/digest.ts';
import { DewproofError, hasCode } from '../core/errors.ts';
import type { Account } from '../core/account.ts';
import type { ResourceId } from '../core/ids.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { OpenState } from '../core/state/ports.ts';
import type { VerifiedState } from '../core/state/verified-state.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { acceptBundle } from './accept-bundle.ts';
import type { DeviceMemory } from './store/device-memory.ts';
import type { EdgeStore, StoreChange } from './store/edge-store.ts';
import type { StoredCommitted } from './store/stored-records.ts';
import { isSameTarget, targetOf, type Target } from './target.ts';

// Bundles kept as evidence for older committed versions; beyond it those that the newest proves as well go.
const MAX_BUNDLES = 8;

/** A state that was opened, and the bundle that proves it. */
export interface ProvenState {
  readonly state: VerifiedState;
  readonly bundle: Uint8Array;
  readonly digest: Digest;
}

/** Holds the newest state that the device believes, on disk and in memory. */
export interface StateKeeper {
  newest(): ProvenState | undefined;
  /**
   * Opens and takes a newer bundle; it is on disk before anyone acts on it. Where the disk fails it counts nevertheless,
   * since a revocation must: nothing new starts without the disk anyway.
   * @throws what acceptBundle does (nothing changed); DISK_FULL, STORE_CORRUPT (taken, but not on disk)
   */
  accept(bundle: Uint8Array): Promise<void>;
  /** Opens the newest bundle as the disk holds it now. @throws what acceptBundle does, STORE_CORRUPT (it is missing) */
  readBack(): Promise<ProvenState>;
  /**
   * Takes what `readBack` answers for the newest, as after a boot; where the disk lost which bundle that is, the newest
   * of all that it holds, which may be none. @throws what `readBack` does
   */
  restore(): Promise<void>;
  /**
   * The state that vouches for a target: the newest where it still names it, else the evidence kept with the commit.
   * @throws PROOF_INVALID, STORE_CORRUPT, NOT_APPROVED (neither does)
   */
  groundsFor(target: Target, resource: ResourceId): Promise<ProvenState>;
}

/** What the keeper stands on. */
export interface StateKeeperDeps {
  readonly memory: DeviceMemory;
  readonly store: EdgeStore;
  readonly openState: OpenState;
  readonly anchor: Anchor;
  readonly account: Account;
  readonly clock: Clock;
}

/** Makes the keeper; until `restore` or `accept` succeeds it has no state, and nothing runs. */
export function createStateKeeper(deps: StateKeeperDeps): StateKeeper {
  const { memory, store, openState, anchor, account } = deps;
  let newest: ProvenState | undefined;

  const now = () => unixSeconds(deps.clock);
  const proves = (state: VerifiedState, { resource, target }: { resource: ResourceId; target: Target }) => {
    const record = state.record(resource);
    const device = state.device(account);
    if (record === undefined || device === undefined) return false;
    return isSameTarget([targetOf({ record, device }), target]);
  };

  async function openStored(digest: Digest, open: (bundle: Uint8Array) => VerifiedState): Promise<ProvenState> {
    const bundle = await store.bytes({ in: 'bundles', digest });
    if (bundle === undefined) throw new DewproofError('STORE_CORRUPT', 'A stored bundle is gone: a new one is needed.');
    return { state: open(bundle), bundle, digest };
  }

  const open = (bundle: Uint8Array) =>
    acceptBundle({
      bundle,
      anchor,
      openState,
      now: now(),
      lastBlock: newest?.state.block ?? memory.head?.block,
      seen: memory.seen,
    });

  async function accept(bundle: Uint8Array): Promise<void> {
    const state = open(bundle);
    const proven = { state, bundle, digest: digestOf(bundle) };
    const { height, hash, time } = state.block;
    try {
      await memory.remember(async () => [
        { kind: 'bytes', in: 'bundles', digest: proven.digest, value: bundle },
        { kind: 'head', value: { bundle: proven.digest, block: { height, hash, time } } },
        ...(await moveEvidence(proven)),
      ]);
    } finally {
      newest = proven;
    }
  }

  /** Deletes bundles that nothing needs any more; where many are kept, lets the newest vouch for all it can. */
  async function moveEvidence({ state, digest }: ProvenState): Promise<readonly StoreChange[]> {
    const kept = new Map(memory.committed);
    const moved: StoreChange[] = [];
    if (new Set([...kept.values()].map(({ bundle }) => bundle)).size > MAX_BUNDLES) {
      for (const [resource, committed] of memory.committed) {
        if (!proves(state, { resource, target: targetOfCommitted(committed) })) continue;
        const value = { ...committed, bundle: digest };
        kept.set(resource, value);
        moved.push({ kind: 'committed', resource, value });
      }
    }
    const needed = new Set([digest, ...[...kept.values(), ...fallbacksOf(memory)].map(({ bundle }) => bundle)]);
    const gone = (await store.digests('bundles')).filter((one) => !needed.has(one));
    return [...moved, ...gone.map((one) => ({ kind: 'bytes', in: 'bundles', digest: one, value: undefined }) as const)];
  }

  async function groundsFor(target: Target, resource: ResourceId): Promise<ProvenState> {
    if (newest !== undefined && proves(newest.state, { resource, target })) return newest;
    for (const kept of [memory.committed.get(resource), memory.rollouts.get(resource)?.fallback]) {
      if (kept?.version !== target.version) continue;
      const evidence = await openStored(kept.bundle, (bundle) => openState(bundle, anchor, now()));
      if (proves(evidence.state, { resource, target })) return evidence;
    }
    throw new DewproofError('NOT_APPROVED', 'No bundle proves this version any more; a newer one is to come.');
  }

  async function readBack(): Promise<ProvenState> {
    if (memory.head === undefined) throw new DewproofError('STORE_CORRUPT', 'No bundle is stored: one is needed.');
    return openStored(memory.head.bundle, open);
  }

  /** Without it a lost record would make every older block acceptable again; bundles that decayed are passed over. */
  async function findNewest(): Promise<ProvenState | undefined> {
    let found: ProvenState | undefined;
    for (const digest of await store.digests('bundles')) {
      try {
        const proven = await openStored(digest, open);
        if (found === undefined || proven.state.block.height > found.state.block.height) found = proven;
      } catch (error) {
        if (!hasCode(error)) throw error;
      }
    }
    return found;
  }

  return {
    newest: () => newest,
    accept,
    readBack,
    restore: async () => {
      newest = memory.head === undefined ? await findNewest() : await readBack();
    },
    groundsFor,
  };
}

/** What devices on probation would go back to. */
export function fallbacksOf({ rollouts }: Pick<DeviceMemory, 'rollouts'>): readonly StoredCommitted[] {
  return [...rollouts.values()].flatMap(({ fallback }) => fallback ?? []);
}

/** The target that a commit was for. */
export function targetOfCommitted({ version, digest, profile }: StoredCommitted): Target {
  return { version, digest, profile: profile ?? undefined };
}
