import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { FactAging } from '../../core/policy.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { freshnessOf } from '../../core/state/freshness.ts';
import type { MergedState } from '../../core/state/merge-states.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { createTurns } from '../../platform/create-turns.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { EdgeStore } from '../store/edge-store.ts';
import type { StoredSplit } from '../store/stored-records.ts';
import type { Target } from '../target.ts';
import { verifyAccepted } from './accept-bundle.ts';
import { findGrounds } from './find-grounds.ts';
import { createHeadRecord } from './head-record.ts';
import { mergeKept } from './keep-states.ts';
import { openAll } from './open-all.ts';
import { openAccepted, openOffered, verifyNoneMissing } from './open-bundle.ts';
import { planTaking, type Taken } from './plan-taking.ts';
import type { KeptState, ProvenState } from './proven-state.ts';
import { createSplitRecord } from './split-record.ts';
import { isSplit } from './split.ts';
import { createStoredStates } from './stored-states.ts';
import { trustedNow, type TrustDeps, type Trusted } from './trusted.ts';

/** What several bundles prove together, and the newest of them. */
export interface BelievedState extends ProvenState {
  readonly state: MergedState;
}

/** Holds what the device believes of the ledger, on disk and in memory. */
export interface StateKeeper {
  readonly newest: () => BelievedState | undefined;
  /** How old the facts believed are, and how far each still counts; after a proved split none does. */
  readonly aging: FactAging;
  /** Two blocks of one height that were both vouched for. */
  split(): StoredSplit | undefined;
  /**
   * Opens and takes a newer bundle, by the anchor in use alone; it is on disk before anyone acts on it. Where the disk
   * fails it counts nevertheless, since a revocation must: nothing new starts without the disk anyway.
   * @throws what openOffered and verifyAccepted do (nothing changed); EQUIVOCATION (a split: both proofs are kept, and
   * nothing more is taken); DISK_FULL, STORE_CORRUPT (taken, but not on disk)
   */
  accept(bundle: Uint8Array): Promise<Taken>;
  /** Opens all that is believed as the disk holds it now. @throws what `accept` does, STORE_CORRUPT (it is missing) */
  readBack(): Promise<void>;
  /**
   * Takes what the disk holds, as after a boot or under a newer anchor, by that one or by a former one that stands; where
   * the disk lost which bundles those are, the newest of all that it holds, which may be none. A newer anchor's checkpoint
   * lifts a split. @throws what `readBack` does
   */
  restore(): Promise<void>;
  /**
   * The state that vouches for a target: the believed one where it still names it, else the evidence kept with the commit.
   * @throws PROOF_INVALID, STORE_CORRUPT, NOT_APPROVED (neither does)
   */
  groundsFor(target: Target, resource: ResourceId): Promise<ProvenState>;
}

/** What the keeper stands on; after a change of the anchor `restore` is called. */
export interface StateKeeperDeps extends TrustDeps {
  readonly memory: DeviceMemory;
  readonly store: EdgeStore;
  readonly account: Account;
  /** The device's time. */
  readonly clock: Clock;
  /** A clock (Unix seconds) that no bundle may be ahead of; 0 where none is to be believed, as by default. */
  readonly latest?: () => bigint;
  /** Hears of a bundle kept for what newer ones leave out that the disk lost: it and those behind it no longer count. */
  readonly onDamage?: (error: DewproofError) => void;
}

/** Makes the keeper; until `restore` or `accept` succeeds it has no state, and nothing runs. */
export function createStateKeeper(deps: StateKeeperDeps): StateKeeper {
  const { memory, store, anchor, account } = deps;
  const onDamage = deps.onDamage ?? (() => undefined);
  const inTurn = createTurns();
  // The newest first.
  let kept: readonly KeptState[] = [];
  let believed: BelievedState | undefined;
  // The newest that was held since the boot: a disk that failed may not know of it.
  let reached: BlockRef | undefined;
  // By whose word what is held was opened: nothing is added to it by another's.
  let opened = trustedNow(deps);
  let isDamaged = false;

  const lastBlock = () => reached ?? memory.head?.block;
  const storedBy = (trusted: Trusted) => createStoredStates({ memory, store, account, trusted, lastBlock });
  const openStored = async (digest: Digest): Promise<KeptState> => {
    const trusted = trustedNow(deps);
    // Evidence was not looked at when the anchor changed: one that is missing may have disowned it.
    verifyNoneMissing(trusted);
    return storedBy(trusted).open(digest);
  };
  const split = createSplitRecord({ memory, onDamage });
  const head = createHeadRecord({ memory, onDamage });

  function hold(states: readonly KeptState[]): void {
    kept = states;
    const [newest] = states;
    const state = mergeKept(states);
    believed = newest && state && { ...newest, state };
    reached = newest?.state.block ?? reached;
  }

  async function accept(bundle: Uint8Array): Promise<Taken> {
    const trusted = await followAnchor();
    // Until what counts is handed to the disk nothing is awaited, so that these stay those in use.
    const proven = openOffered({ bundle, now: deps.latest?.() ?? 0n }, trusted);
    const rival = kept.find((one) => isSplit([one, proven]));
    if (rival !== undefined) return split.keep([rival, proven]);
    verifyAccepted(proven.state, { lastBlock: lastBlock(), seen: memory.seen });
    const { planned, taken } = planTaking(proven, { kept, memory, account });
    if (!isOnDisk(proven) && planned.some(({ digest }) => digest === proven.digest)) await take(planned, trusted);
    return taken;
  }

  /** Servers hand over what is known already again and again: a flash chip wears with every time that it is written. */
  function isOnDisk({ digest }: KeptState): boolean {
    return !isDamaged && kept[0]?.digest === digest && memory.head?.bundle === digest;
  }

  async function take([newest, ...older]: readonly KeptState[], trusted: Trusted): Promise<void> {
    if (newest === undefined) return;
    try {
      await storedBy(trusted).remember([newest, ...older], { isDamaged });
      isDamaged = false;
    } finally {
      hold([newest, ...older]);
    }
  }

  /**
   * Which of what is held the new signers vouch for, and which the former ones alone, must be known: answers by whose word
   * all of it is opened, which are those in use. One that came meanwhile has it begin again.
   * @throws what `split.verifyNone` does, DISK_FULL, STORE_CORRUPT (what is held is still by others' word)
   */
  async function followAnchor(): Promise<Trusted> {
    for (;;) {
      const trusted = trustedNow(deps);
      if (opened.anchor !== trusted.anchor) await tryRestore(trusted);
      await split.verifyNone();
      if (anchor() === trusted.anchor) return trusted;
    }
  }

  async function tryRestore(trusted: Trusted): Promise<void> {
    try {
      await restore(trusted);
    } catch (error) {
      // What does not open under a newer anchor is let go, and something newer is welcome.
      if (!hasCode(error) || kept.length > 0) throw error;
    }
  }

  async function restore(trusted: Trusted): Promise<void> {
    const isLifted = await split.lift(trusted.anchor, lastBlock()?.height ?? 0n);
    const before = await acceptedBy(trusted);
    try {
      hold(await openAgain(trusted));
    } catch (error) {
      hold([]);
      if (isLifted || (hasCode(error) && replaces(trusted.anchor, before))) await forgetHead(trusted);
      opened = trusted;
      await head.confirm([], trusted);
      throw error;
    }
    opened = trusted;
    await head.confirm(
      kept.map(({ digest }) => digest),
      trusted,
    );
  }

  /** What is held may be newer than what the disk took; it is not read, so that whoever asks meanwhile is answered. */
  async function openAgain(trusted: Trusted): Promise<readonly KeptState[]> {
    const openings = kept.map((one) => () => openAccepted(one.bundle, trusted));
    const [newest, ...older] = openings;
    if (newest !== undefined) return openAll({ newest, older }, onDamage);
    // Whom a newer anchor disowned that the disk lost is not known: what counts is what stood under it.
    verifyNoneMissing(trusted, memory.head?.anchorVersion);
    const stored = storedBy(trusted);
    return memory.head === undefined ? stored.findNewest() : stored.readKept(memory.head, onDamage);
  }

  /** The version of the anchor that opened the newest bundle; undefined where there is none, or not as it was. */
  async function acceptedBy(trusted: Trusted): Promise<number | undefined> {
    if (kept.length > 0) return opened.anchor.version;
    const last = memory.head;
    return last !== undefined && (await storedBy(trusted).isWhole(last.bundle)) ? last.anchorVersion : undefined;
  }

  async function forgetHead(trusted: Trusted): Promise<void> {
    await head.forget(trusted);
    reached = undefined;
  }

  async function readBack(): Promise<void> {
    try {
      if (memory.head === undefined) throw new DewproofError('STORE_CORRUPT', 'No bundle is stored: one is needed.');
      await storedBy(trustedNow(deps)).readKept(memory.head, (error) => {
        throw error;
      });
    } catch (error) {
      // It is written again with the next bundle, be it the same one.
      isDamaged = true;
      throw error;
    }
  }

  const vouchedAt: FactAging['vouchedAt'] = (fact) => believed?.state.vouchedAt(fact);
  return {
    newest: () => believed,
    aging: {
      vouchedAt,
      freshnessOf: (fact) => {
        const time = vouchedAt(fact);
        if (split.found() !== undefined) return 'FROZEN';
        // Of what nobody told, where a quorum vouches for all that is told, there is nothing to go by.
        if (time === undefined && anchor().finality.kind !== 'rpc') return 'FROZEN';
        return freshnessOf({ vouchedAt: time, now: unixSeconds(deps.clock), anchor: anchor() });
      },
    },
    split: () => split.found(),
    accept: (bundle) => inTurn(() => accept(bundle)),
    readBack,
    restore: () => inTurn(() => restore(trustedNow(deps))),
    groundsFor: (target, resource) => findGrounds({ target, resource }, { kept, memory, account, openStored }),
  };
}

/**
 * Signers whom the roots replaced may have wound heights far forward: no true block would be newer. Where a newer anchor
 * refuses what was believed and names a block itself, that one counts (The Update Framework 1.0.34, 5.3.11).
 */
function replaces({ version, checkpoint }: Anchor, before: number | undefined): boolean {
  return checkpoint !== undefined && before !== undefined && version > before;
}
