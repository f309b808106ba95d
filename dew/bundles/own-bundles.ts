import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { BundleMaker, PreparedFacts, VouchedBlock } from '../../core/state/bundle-maker.ts';
import { sleep } from '../../platform/sleep.ts';
import { assembleBundle, type Bundle } from './bundle.ts';
import { createFairLine, type LineLimits } from './fair-line.ts';

/** Makes and keeps bundles for accounts that are in none of the dew's groups: each tells of that account alone. */
export interface OwnBundles {
  /**
   * The account's bundle as of now, or an older one where no newer can be made.
   * @throws TOO_MANY, LEDGER_BEHIND (it takes longer than a caller waits), what the maker throws
   */
  of(account: Account, now: Now & Asker): Promise<Bundle>;
}

/** Who asks for an account's bundle. */
export interface Asker {
  /** The network. */
  readonly from: string;
  /** Whether the account's key signed a call from there, and it is a device: strangers can't keep it from its place. */
  readonly isItself: boolean;
}

/** Anybody may ask for any account: this is all that strangers together can have a dew hold and ask its node. */
export interface OwnLimits extends LineLimits {
  readonly mostKept: number;
  readonly waitMs: number;
}

const LIMITS: OwnLimits = { mostKept: 256, mostWaiting: 32, pauseMs: 50, waitMs: 5_000 };

interface Now {
  readonly state: LedgerState;
  readonly vouched: VouchedBlock;
}

interface Kept {
  readonly prepared: PreparedFacts;
  readonly bundle: Bundle;
}

/**
 * One at a time, at the pace of `limits`. Accounts that the ledger has as devices go before those that it does not know,
 * of which there is no end, and are kept longer; of each, what was asked for longest ago is forgotten first.
 */
export function createOwnBundles({
  maker,
  signal,
  limits = LIMITS,
}: {
  readonly maker: BundleMaker;
  readonly signal: AbortSignal;
  readonly limits?: OwnLimits;
}): OwnBundles {
  const devices = new Map<Account, Kept>();
  const others = new Map<Account, Kept>();
  let newest: Now | undefined;

  const isDevice = (account: Account): boolean => newest?.state.devices.has(account) ?? false;
  const keep = (account: Account, one: Kept): Kept => {
    const kept = isDevice(account) ? devices : others;
    devices.delete(account);
    others.delete(account);
    kept.set(account, one);
    const [oldest] = kept.keys();
    if (kept.size > limits.mostKept && oldest !== undefined) kept.delete(oldest);
    return one;
  };
  const make = async (account: Account): Promise<Kept> => {
    if (!newest) throw new TypeError('nobody asked');
    // Of now, not of when it was asked for: a node may have no proofs of older blocks any more.
    const { state, vouched } = newest;
    const prepared = await maker.prepare({ state, vouched, audience: { account }, formerly: [] }, signal);
    return keep(account, { prepared, bundle: joined(maker, { prepared, vouched }) });
  };
  const line = createFairLine(make, { ...limits, signal });

  return {
    of: async (account, { from, isItself, ...now }) => {
      newest = now;
      const { vouched } = now;
      const last = devices.get(account) ?? others.get(account);
      if (last?.bundle.hash === vouched.block.hash && last.bundle.attestedAt === vouched.attestedAt) {
        return keep(account, last).bundle;
      }
      if (last?.prepared.storageRoot === vouched.storageRoot) {
        const bundle = joined(maker, { prepared: last.prepared, vouched });
        return keep(account, { prepared: last.prepared, bundle }).bundle;
      }
      try {
        const rank = !isDevice(account) ? 'stranger' : isItself ? 'itself' : 'device';
        const made = line.join({ key: account, from, rank });
        return (await within(made, limits.waitMs)).bundle;
      } catch (error) {
        if (last) return last.bundle;
        throw error;
      }
    },
  };
}

function joined(maker: BundleMaker, { prepared, vouched }: { prepared: PreparedFacts; vouched: VouchedBlock }): Bundle {
  return assembleBundle(maker.join(prepared, vouched), prepared, vouched);
}

async function within<T>(work: Promise<T>, waitMs: number): Promise<T> {
  const over = new AbortController();
  const late = sleep(waitMs, over.signal).then(() => {
    throw new DewproofError('LEDGER_BEHIND', 'The proof is not made yet; ask again soon.');
  });
  // Whoever loses has nobody who hears of it any more.
  late.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
