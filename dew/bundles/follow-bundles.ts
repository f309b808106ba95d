import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { GroupId } from '../../core/ids.ts';
import type { BundleMaker, VouchedBlock } from '../../core/state/bundle-maker.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { SendHint } from '../hint-broker.ts';
import type { Log } from '../../platform/log.ts';
import { createBackoff, type Backoff } from '../../platform/backoff.ts';
import { sleep } from '../../platform/sleep.ts';
import type { LedgerFollower } from '../ledger/follow-ledger.ts';
import type { KnownState } from '../ledger/state-json.ts';
import type { Bundle } from './bundle.ts';
import type { BundleStore, GroupBundle } from './bundle-store.ts';
import { createGroupTurns } from './group-turns.ts';
import { makeGroupBundle } from './make-group-bundle.ts';
import { createOwnBundles, type Asker } from './own-bundles.ts';

/** A witness that was of no use of late, and why. */
export interface WitnessTrouble {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** What a dew proves by one anchor, and how often; times in milliseconds but for `keepSeconds`. */
export interface BundlePlan {
  readonly maker: BundleMaker;
  /** Opens a bundle as a device with that anchor would, whatever its time. @throws what `OpenState` throws */
  readonly verify: (bundle: Uint8Array, anchor: Anchor) => void;
  /** How often at most a bundle of unchanged facts is replaced by one with a newer head; default 10,000. */
  readonly refreshEveryMs?: number;
  /** For how long devices go by what they were told: the anchor's `maxStaleness`. */
  readonly keepSeconds: number;
  /** The anchor's witnesses of whom nobody said where they answer. */
  readonly unasked?: readonly string[];
  /** Those who lied, froze or did not answer of late. */
  readonly witnessTroubles?: () => readonly WitnessTrouble[];
}

/** What following needs; `hint` tells a group's devices to look again. */
export interface FollowBundlesOptions {
  readonly plan: BundlePlan;
  readonly groups: ReadonlySet<GroupId>;
  readonly follower: Pick<LedgerFollower, 'known'>;
  /** What is served until newer ones are made. */
  readonly kept: ReadonlyMap<GroupId, GroupBundle>;
  readonly store: Pick<BundleStore, 'saveFacts' | 'saveHead'>;
  readonly hint: SendHint;
  readonly elapsedMs: () => number;
  /** 0 up to but not including 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** A dew's bundles, always the newest that could be made. */
export interface FollowedBundles {
  /** The bundle of the account's group, at once; undefined where it is in none of the dew's, as far as was proved. */
  ofGroupOf(account: Account): Bundle | undefined;
  /** The bundle of an account by itself. @throws LEDGER_BEHIND (also where it can't be proved), LEDGER_UNAVAILABLE, TOO_MANY */
  ofAccount(account: Account, asker: Asker): Promise<Bundle>;
  /** The newest of each group. */
  newest(): ReadonlyMap<GroupId, GroupBundle>;
  /** The anchor's witnesses of whom nobody said where they answer. */
  readonly unasked: readonly string[];
  /** Those who lied, froze or did not answer of late. */
  witnessTroubles(): readonly WitnessTrouble[];
  /** Why no newer ones are made, of all groups or of one. */
  trouble(): DewproofError | undefined;
  /** Groups whose own could not be made the last time. */
  failing(): ReadonlyMap<GroupId, DewproofError>;
  close(): Promise<void>;
}

/** A look costs nothing where nothing is new. */
const LOOK_EVERY_MS = 250;
const REFRESH_EVERY_MS = 10_000;

/**
 * Makes each group's bundle anew after every change and, now and then, for newer heads; what was made last is served
 * whatever happens to node, witnesses or disk.
 */
export function followBundles(options: FollowBundlesOptions): FollowedBundles {
  const closing = new AbortController();
  const { signal } = closing;
  const making = createMaking(options, signal);
  const backoff = createBackoff({ firstMs: 500, mostMs: 30_000, random: options.random, sleep });
  const ended = run(making, { backoff, signal });
  return {
    ...making,
    close: async () => {
      closing.abort(new DewproofError('LEDGER_UNAVAILABLE', 'The dew is closing.'));
      await ended;
      await making.ended();
    },
  };
}

async function run(
  { look, report }: Pick<ReturnType<typeof createMaking>, 'look' | 'report'>,
  { backoff, signal }: { readonly backoff: Backoff; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await look();
      backoff.reset();
      await sleep(LOOK_EVERY_MS, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      report(error);
      await backoff.wait(signal);
    }
  }
}

interface Snapshot extends KnownState {
  readonly vouched: VouchedBlock;
}

function createMaking(options: FollowBundlesOptions, signal: AbortSignal) {
  const { plan, groups, follower, store, log } = options;
  const { maker, keepSeconds, refreshEveryMs = REFRESH_EVERY_MS } = plan;
  const kept = new Map<GroupId, GroupBundle>(options.kept);
  const onDisk = new Map([...kept].map(([group, { prepared }]) => [group, prepared]));
  const own = createOwnBundles({ maker, signal });
  let byAccount = indexOf(kept);
  const settled = new Map<GroupId, { readonly vouched: VouchedBlock; readonly atMs: number }>();
  const failing = new Map<GroupId, DewproofError>();
  let snapshot: Snapshot | undefined;
  let trouble: DewproofError | undefined;

  const coded = (error: unknown): DewproofError =>
    hasCode(error) ? error : new DewproofError('INTERNAL', 'Making bundles failed.', { cause: error });
  const report = (error: unknown): void => {
    const why = coded(error);
    if (why.code !== trouble?.code) log.warn({ code: why.code, error: why }, `No newer bundle: ${why.message}`);
    trouble = why;
  };
  const reportOf = (group: GroupId, error: unknown): void => {
    const why = coded(error);
    const isNew = why.code !== failing.get(group)?.code;
    if (isNew) log.warn({ code: why.code, group, error: why }, `No newer bundle of a group: ${why.message}`);
    failing.set(group, why);
  };

  const renew = async (group: GroupId, { state, gone, vouched }: Snapshot): Promise<void> => {
    const before = kept.get(group);
    // A node that was restored, or witnesses of which fewer answer: devices would take an older one for a rollback.
    if (before && !before.isFormer && isOlder(vouched, before.bundle)) return;
    const made = await makeGroupBundle({ group, state, gone, vouched, before }, { maker, keepSeconds, signal });
    try {
      if (onDisk.get(group) === made.prepared) await store.saveHead(group, made);
      else await store.saveFacts(group, made);
      onDisk.set(group, made.prepared);
    } finally {
      // Served though a full disk did not take it: it proves itself, and only a restart would serve the one before.
      kept.set(group, made);
      byAccount = indexOf(kept);
      const isNews = before?.isFormer !== false || made.prepared !== before.prepared;
      if (isNews) options.hint(group, { about: 'ledger' });
    }
  };

  const isDue = (group: GroupId): boolean => {
    const last = settled.get(group);
    if (!snapshot || isSame(snapshot.vouched, last?.vouched)) return false;
    const isNews = kept.get(group)?.prepared.storageRoot !== snapshot.vouched.storageRoot;
    return isNews || failing.has(group) || options.elapsedMs() - (last?.atMs ?? -Infinity) >= refreshEveryMs;
  };
  const work = async (group: GroupId): Promise<void> => {
    if (!snapshot) return;
    const { vouched } = snapshot;
    await renew(group, snapshot);
    settled.set(group, { vouched, atMs: options.elapsedMs() });
    failing.delete(group);
  };
  const turns = createGroupTurns({ ...options, isDue, work, onFailure: reportOf, signal });

  const look = async (): Promise<void> => {
    const known = follower.known();
    const block = known?.state.block;
    const vouched = block && (await maker.vouch(block, signal));
    if (known && vouched) {
      snapshot = { ...known, vouched };
      trouble = undefined;
    }
    // Not waited for: one that can't be made, or takes long, must not keep the others from what is newer.
    turns.begin();
  };

  return {
    look,
    report,
    ended: turns.ended,
    ofGroupOf: (account: Account): Bundle | undefined => byAccount.get(account),
    ofAccount: async (account: Account, asker: Asker): Promise<Bundle> => {
      if (!snapshot) throw new DewproofError('LEDGER_BEHIND', 'This dew has proved nothing yet; ask again soon.');
      const device = snapshot.state.devices.get(account);
      // Of a group of ours whose bundle could not be made: one without the group's resources would mislead it.
      const isOurs = device !== undefined && device.status !== 'retired' && groups.has(device.group);
      if (isOurs) throw new DewproofError('LEDGER_BEHIND', "The group's bundle is not made yet; ask again soon.");
      return own.of(account, { ...snapshot, ...asker }).catch((error: unknown) => {
        throw laterFor(error);
      });
    },
    newest: (): ReadonlyMap<GroupId, GroupBundle> => kept,
    unasked: plan.unasked ?? [],
    witnessTroubles: () => plan.witnessTroubles?.() ?? [],
    trouble: () => trouble ?? [...failing.values()][0],
    failing: (): ReadonlyMap<GroupId, DewproofError> => failing,
  };
}

/** A device that moved may stand in an old bundle of the one group and a new one of the other: the newest tells. */
function indexOf(kept: ReadonlyMap<GroupId, GroupBundle>): ReadonlyMap<Account, Bundle> {
  const oldestFirst = [...kept.values()].toSorted((one, other) => (one.bundle.height < other.bundle.height ? -1 : 1));
  return new Map(oldestFirst.flatMap(({ prepared, bundle }) => prepared.accounts.map((one) => [one, bundle])));
}

/** That its node lies is the dew's trouble: who asked did nothing wrong, and may ask again. */
function laterFor(error: unknown): unknown {
  if (!hasCode(error) || hasCode(error, 'TOO_MANY', 'LEDGER_BEHIND', 'LEDGER_UNAVAILABLE')) return error;
  return new DewproofError('LEDGER_BEHIND', 'This dew can prove nothing of that account now; ask again later.', {
    cause: error,
  });
}

function isOlder({ block, attestedAt }: VouchedBlock, than: Bundle): boolean {
  return block.height < than.height || (block.height === than.height && attestedAt < than.attestedAt);
}

function isSame(one: VouchedBlock, other: VouchedBlock | undefined): boolean {
  return one.block.hash === other?.block.hash && one.attestedAt === other.attestedAt;
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
