import { digestOf, type Digest } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Account } from '../../core/account.ts';
import { resourceIdOf, type ResourceId } from '../../core/ids.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { FactAging } from '../../core/policy.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { freshnessOf } from '../../core/state/freshness.ts';
import { mergeStates, type MergedState, type VouchedState } from '../../core/state/merge-states.ts';
import type { OpenState } from '../../core/state/ports.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { createTurns } from '../../platform/create-turns.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { EdgeStore } from '../store/edge-store.ts';
import { MAX_KEPT, type StoredHead, type StoredSplit } from '../store/stored-records.ts';
import type { Target } from '../target.ts';
import { openAnchored, verifyAccepted } from './accept-bundle.ts';
import { planEvidence, proves } from './evidence.ts';
import { addState, mergeKept, planKept, relevantOf } from './keep-states.ts';
import { isSplit, liftsSplit, splitError, UNKNOWN_VERSION } from './split.ts';

/** A state that was opened, and the bundle that proves it. */
export interface ProvenState {
  readonly state: VerifiedState;
  readonly bundle: Uint8Array;
  readonly digest: Digest;
}

/** What several bundles prove together, and the newest of them. */
export interface BelievedState extends ProvenState {
  readonly state: MergedState;
}

/** What came of a bundle that was taken. */
export interface Taken {
  /** Resources that run here and of which it says nothing, though an older one did: an honest server leaves none out. */
  readonly leftOut: readonly ResourceId[];
}

/** Holds what the device believes of the ledger, on disk and in memory. */
export interface StateKeeper {
  readonly newest: () => BelievedState | undefined;
  /** How old the facts believed are, and how far each still counts; after a proved split none does. */
  readonly aging: FactAging;
  /** Two blocks of one height that were both vouched for. */
  split(): StoredSplit | undefined;
  /**
   * Opens and takes a newer bundle; it is on disk before anyone acts on it. Where the disk fails it counts nevertheless,
   * since a revocation must: nothing new starts without the disk anyway.
   * @throws what openAnchored and verifyAccepted do (nothing changed); EQUIVOCATION (a split: both proofs are kept, and
   * nothing more is taken); DISK_FULL, STORE_CORRUPT (taken, but not on disk)
   */
  accept(bundle: Uint8Array): Promise<Taken>;
  /** Opens all that is believed as the disk holds it now. @throws what `accept` does, STORE_CORRUPT (it is missing) */
  readBack(): Promise<void>;
  /**
   * Takes what the disk holds, as after a boot or under a newer anchor; where the disk lost which bundles those are, the
   * newest of all that it holds, which may be none. A newer anchor's checkpoint lifts a split. @throws what `readBack` does
   */
  restore(): Promise<void>;
  /**
   * The state that vouches for a target: the believed one where it still names it, else the evidence kept with the commit.
   * @throws PROOF_INVALID, STORE_CORRUPT, NOT_APPROVED (neither does)
   */
  groundsFor(target: Target, resource: ResourceId): Promise<ProvenState>;
}

/** What the keeper stands on. */
export interface StateKeeperDeps {
  readonly memory: DeviceMemory;
  readonly store: EdgeStore;
  readonly openState: OpenState;
  /** The newest one; after a change `restore` is called. */
  readonly anchor: () => Anchor;
  readonly account: Account;
  /** The device's time. */
  readonly clock: Clock;
  /** A clock (Unix seconds) that no bundle may be ahead of; 0 where none is to be believed, as by default. */
  readonly latest?: () => bigint;
  /** Hears of a bundle kept for what newer ones leave out that the disk lost: it and those behind it no longer count. */
  readonly onDamage?: (error: DewproofError) => void;
}

type Kept = ProvenState & VouchedState;
type Opening = () => Kept | Promise<Kept>;

/** Makes the keeper; until `restore` or `accept` succeeds it has no state, and nothing runs. */
export function createStateKeeper(deps: StateKeeperDeps): StateKeeper {
  const { memory, store, openState, anchor, account } = deps;
  const inTurn = createTurns();
  const onDamage = deps.onDamage ?? (() => undefined);
  // The newest first.
  let kept: readonly Kept[] = [];
  let believed: BelievedState | undefined;
  // The newest that was held since the boot: a disk that failed may not know of it.
  let reached: BlockRef | undefined;
  // By which anchor what is held was opened.
  let openedBy = anchor();
  // A split that the disk did not take counts all the same.
  let unwritten: StoredSplit | undefined;
  let isDamaged = false;

  function hold(states: readonly Kept[]): void {
    kept = states;
    const [newest] = states;
    const state = mergeKept(states);
    believed = newest && state && { ...newest, state };
    reached = newest?.state.block ?? reached;
  }

  const provenBy = (bundle: Uint8Array, now = 0n): Kept => {
    const state = openAnchored({ bundle, anchor: anchor(), openState, now });
    return { state, bundle, digest: digestOf(bundle), vouchedAt: state.attestedAt };
  };
  const lastBlock = () => reached ?? memory.head?.block;
  const split = () => memory.split ?? unwritten;

  async function accept(bundle: Uint8Array): Promise<Taken> {
    await followAnchor();
    await verifyWhole();
    const proven = provenBy(bundle, deps.latest?.() ?? 0n);
    const rival = kept.find(({ state }) => isSplit([state, proven.state]));
    if (rival !== undefined) return keepSplit([rival, proven]);
    verifyAccepted(proven.state, { lastBlock: lastBlock(), seen: memory.seen });
    const states = addState(
      kept.filter(({ digest }) => digest !== proven.digest),
      proven,
    );
    const resources = relevantOf(mergeKept(states), { account, resources: assignedOf(memory) });
    const planned = planKept(states, { account, resources });
    if (planned.length > MAX_KEPT) throw tooMany();
    const taken = { leftOut: leftOutOf(proven.state, { known: kept, resources }) };
    if (isOnDisk(proven) || !planned.some(({ digest }) => digest === proven.digest)) return taken;
    try {
      await rememberKept(planned);
      isDamaged = false;
    } finally {
      hold(planned);
    }
    return taken;
  }

  /** Servers hand over what is known already again and again: a flash chip wears with every time that it is written. */
  function isOnDisk({ digest }: Kept): boolean {
    return !isDamaged && kept[0]?.digest === digest && memory.head?.bundle === digest;
  }

  /** What the signers of the anchor before vouched for must not be held against those of the new one. */
  async function followAnchor(): Promise<void> {
    if (openedBy === anchor()) return;
    try {
      await restore();
    } catch (error) {
      if (!hasCode(error)) throw error;
    }
  }

  async function verifyWhole(): Promise<void> {
    const found = split();
    if (found === undefined) return;
    if (memory.split === undefined) await rememberSplit(found, []);
    throw splitError(found);
  }

  async function rememberKept(planned: readonly Kept[]): Promise<void> {
    const [newest, ...older] = planned;
    if (newest === undefined) return;
    const { height, hash, time } = newest.state.block;
    const value = {
      bundle: newest.digest,
      block: { height, hash, time },
      kept: older.map(({ digest }) => digest),
      anchorVersion: anchor().version,
    };
    await memory.remember(async () => {
      const stored = await store.digests('bundles');
      const added = planned.filter(({ digest }) => isDamaged || digest === newest.digest || !stored.includes(digest));
      return [
        ...added.map(({ digest, bundle }) => ({ kind: 'bytes', in: 'bundles', digest, value: bundle }) as const),
        { kind: 'head', value },
        ...planEvidence({ newest, planned, stored, memory, account }),
      ];
    });
  }

  /** The evidence outlives a power cut, and with it that nothing is believed any more. */
  async function keepSplit(both: readonly [Kept, Kept]): Promise<never> {
    const [one, other] = both;
    const value: StoredSplit = {
      height: one.state.block.height,
      hashes: [one.state.block.hash, other.state.block.hash],
      bundles: [one.digest, other.digest],
      anchorVersion: anchor().version,
    };
    unwritten = value;
    await rememberSplit(value, both);
    throw splitError(value);
  }

  async function rememberSplit(value: StoredSplit, proofs: readonly Kept[]): Promise<void> {
    await memory.remember(() => [
      ...proofs.map(({ digest, bundle }) => ({ kind: 'bytes', in: 'bundles', digest, value: bundle }) as const),
      { kind: 'split', value },
    ]);
    unwritten = undefined;
  }

  async function openStored(digest: Digest): Promise<Kept> {
    const bundle = await store.bytes({ in: 'bundles', digest });
    if (bundle === undefined) throw new DewproofError('STORE_CORRUPT', 'A stored bundle is gone: a new one is needed.');
    const proven = provenBy(bundle);
    if (proven.digest === digest) return proven;
    throw new DewproofError('STORE_CORRUPT', 'Another bundle is stored in the place of one: a new one is needed.');
  }

  async function openNewest({ bundle }: StoredHead): Promise<Kept> {
    const newest = await openStored(bundle);
    verifyAccepted(newest.state, { lastBlock: lastBlock(), seen: memory.seen });
    return newest;
  }

  async function groundsFor(target: Target, resource: ResourceId): Promise<ProvenState> {
    const wanted = { target, resource, account };
    if (believed !== undefined && proves(believed.state, wanted)) {
      return {
        ...(kept[believed.state.decides({ kind: 'record', resource }) ?? 0] ?? believed),
        state: believed.state,
      };
    }
    for (const committed of [memory.committed.get(resource), memory.rollouts.get(resource)?.fallback]) {
      if (committed?.version !== target.version) continue;
      const evidence = await openStored(committed.bundle);
      // What it does not say of the device's own standing, newer ones do.
      const state = mergeStates([evidence, ...kept]);
      if (proves(state, wanted)) return { ...evidence, state };
    }
    throw new DewproofError('NOT_APPROVED', 'No bundle proves this version any more; a newer one is to come.');
  }

  /** What stands behind one that was lost may have been overridden by it: neither counts. */
  async function openAll(
    { newest, older }: { readonly newest: Opening; readonly older: readonly Opening[] },
    onDamage: (error: DewproofError) => void,
  ): Promise<readonly Kept[]> {
    const states = [await newest()];
    try {
      for (const open of older) states.push(await open());
    } catch (error) {
      if (!hasCode(error)) throw error;
      onDamage(error);
    }
    return states.reduceRight<readonly Kept[]>((all, one) => addState(all, one), []);
  }

  const readKept = (head: StoredHead, onDamage: (error: DewproofError) => void) =>
    openAll({ newest: () => openNewest(head), older: head.kept.map((digest) => () => openStored(digest)) }, onDamage);

  /** Without it a lost record would make every older block acceptable again; bundles that decayed are passed over. */
  async function findNewest(): Promise<readonly Kept[]> {
    let found: readonly Kept[] = [];
    for (const digest of await store.digests('bundles')) {
      try {
        const proven = await openStored(digest);
        verifyAccepted(proven.state, { lastBlock: found[0]?.state.block, seen: memory.seen });
        found = [proven];
      } catch (error) {
        if (!hasCode(error)) throw error;
      }
    }
    return found;
  }

  /** What is held may be newer than what the disk took; it is not read, so that whoever asks meanwhile is answered. */
  async function openAgain(): Promise<readonly Kept[]> {
    const [newest, ...older] = kept.map(
      ({ bundle }) =>
        () =>
          provenBy(bundle),
    );
    if (newest !== undefined) return openAll({ newest, older }, onDamage);
    return memory.head === undefined ? findNewest() : readKept(memory.head, onDamage);
  }

  async function restore(): Promise<void> {
    const current = anchor();
    const isLifted = await liftSplit();
    const before = await acceptedBy();
    try {
      hold(await openAgain());
    } catch (error) {
      hold([]);
      if (isLifted || isReplaced(error, before)) await forgetHead();
      openedBy = current;
      throw error;
    }
    openedBy = current;
  }

  /** Of two chains, or after others' signatures, the checkpoint's goes on, at whatever height it is. */
  async function forgetHead(): Promise<void> {
    await memory.remember(() => [{ kind: 'head', value: undefined }]);
    reached = undefined;
  }

  async function liftSplit(): Promise<boolean> {
    const found = split();
    if (found === undefined) return false;
    if (found.anchorVersion === UNKNOWN_VERSION) {
      // Where the disk fails it stays as it is, and nothing lifts it.
      await rememberSplit({ ...found, anchorVersion: anchor().version }, []).catch(onDamage);
      return false;
    }
    if (!liftsSplit(anchor(), { split: found, reached: lastBlock()?.height ?? 0n })) return false;
    await memory.remember(() => [{ kind: 'split', value: undefined }]);
    unwritten = undefined;
    return true;
  }

  /**
   * Signers whom the roots replaced may have wound heights and times far forward: no true block would be newer. Where a
   * newer anchor refuses what was believed and names a block itself, that one counts (The Update Framework, 5.3.11).
   */
  function isReplaced(error: unknown, before: number | undefined): boolean {
    const { version, checkpoint } = anchor();
    return hasCode(error) && checkpoint !== undefined && before !== undefined && version > before;
  }

  /** The version of the anchor that opened the newest bundle; undefined where there is none, or not as it was. */
  async function acceptedBy(): Promise<number | undefined> {
    if (kept.length > 0) return openedBy.version;
    const { head } = memory;
    const bundle = head && (await store.bytes({ in: 'bundles', digest: head.bundle }));
    return bundle !== undefined && digestOf(bundle) === head?.bundle ? head.anchorVersion : undefined;
  }

  async function readBack(): Promise<void> {
    if (memory.head === undefined) throw new DewproofError('STORE_CORRUPT', 'No bundle is stored: one is needed.');
    await readKept(memory.head, (error) => {
      throw error;
    });
  }

  const vouchedAt: FactAging['vouchedAt'] = (fact) => believed?.state.vouchedAt(fact);
  return {
    newest: () => believed,
    aging: {
      vouchedAt,
      freshnessOf: (fact) => {
        const time = vouchedAt(fact);
        if (split() !== undefined) return 'FROZEN';
        // Of what nobody told, where a quorum vouches for all that is told, there is nothing to go by.
        if (time === undefined && anchor().finality.kind !== 'rpc') return 'FROZEN';
        return freshnessOf({ vouchedAt: time, now: unixSeconds(deps.clock), anchor: anchor() });
      },
    },
    split,
    accept: (bundle) => inTurn(() => accept(bundle)),
    readBack: async () => {
      try {
        await readBack();
      } catch (error) {
        // It is written again with the next bundle, be it the same one.
        isDamaged = true;
        throw error;
      }
    },
    restore: () => inTurn(restore),
    groundsFor,
  };
}

function leftOutOf(
  state: VerifiedState,
  { known, resources }: { readonly known: readonly Kept[]; readonly resources: readonly ResourceId[] },
): readonly ResourceId[] {
  return resources.filter((resource) => {
    const fact = { kind: 'record', resource } as const;
    return state.tellsOf?.(fact) === false && known.some((one) => one.state.tellsOf?.(fact) === true);
  });
}

function assignedOf({ assigned }: DeviceMemory): readonly ResourceId[] {
  return (assigned?.resources ?? []).map(resourceIdOf);
}

function tooMany(): DewproofError {
  return new DewproofError(
    'ENDLESS_DATA',
    `More than ${MAX_KEPT} bundles would have to count beside each other: ask for one that tells of everything.`,
  );
}
