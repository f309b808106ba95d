import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { BundleMaker, PreparedFacts, VouchedBlock } from '../../core/state/bundle-maker.ts';
import { createTurns } from '../../platform/create-turns.ts';
import { sleep } from '../../platform/sleep.ts';
import { assembleBundle, type Bundle } from './bundle.ts';

/** Makes and keeps bundles for accounts that are in none of the dew's groups: each tells of that account alone. */
export interface OwnBundles {
  /**
   * The account's bundle as of `at`, or an older one where no newer can be made.
   * @throws TOO_MANY, LEDGER_BEHIND (it takes longer than a caller waits), what the maker throws
   */
  of(account: Account, at: { readonly state: LedgerState; readonly vouched: VouchedBlock }): Promise<Bundle>;
}

/** Anybody may ask for any account: this is all that strangers together can have a dew hold and ask its node. */
export interface OwnLimits {
  readonly mostKept: number;
  readonly mostWaiting: number;
  /** After each that was made. */
  readonly pauseMs: number;
  readonly waitMs: number;
}

const LIMITS: OwnLimits = { mostKept: 256, mostWaiting: 32, pauseMs: 50, waitMs: 5_000 };

interface Kept {
  readonly prepared: PreparedFacts;
  readonly bundle: Bundle;
}

/** One at a time, at the pace of `limits`; what was asked for longest ago is forgotten first. */
export function createOwnBundles({
  maker,
  signal,
  limits = LIMITS,
}: {
  readonly maker: BundleMaker;
  readonly signal: AbortSignal;
  readonly limits?: OwnLimits;
}): OwnBundles {
  const kept = new Map<Account, Kept>();
  const making = new Map<Account, Promise<Kept>>();
  const inTurn = createTurns();

  const keep = (account: Account, one: Kept): Kept => {
    kept.delete(account);
    kept.set(account, one);
    const [oldest] = kept.keys();
    if (kept.size > limits.mostKept && oldest !== undefined) kept.delete(oldest);
    return one;
  };
  const make = (account: Account, at: Parameters<OwnBundles['of']>[1]): Promise<Kept> => {
    const under = making.get(account);
    if (under) return under;
    if (making.size >= limits.mostWaiting) {
      throw new DewproofError(
        'TOO_MANY',
        'Too many ask for bundles of accounts outside of this dew’s groups; ask later.',
      );
    }
    const made = inTurn(() => maker.prepare({ ...at, audience: { account }, formerly: [] }, signal))
      .then((prepared) => keep(account, { prepared, bundle: joined(maker, { prepared, vouched: at.vouched }) }))
      .finally(() => making.delete(account));
    making.set(account, made);
    void inTurn(() => sleep(limits.pauseMs, signal));
    return made;
  };

  return {
    of: async (account, at) => {
      const last = kept.get(account);
      const { vouched } = at;
      if (last?.bundle.hash === vouched.block.hash && last.bundle.attestedAt === vouched.attestedAt) {
        return keep(account, last).bundle;
      }
      if (last?.prepared.storageRoot === vouched.storageRoot) {
        const bundle = joined(maker, { prepared: last.prepared, vouched });
        return keep(account, { prepared: last.prepared, bundle }).bundle;
      }
      try {
        return (await within(make(account, at), limits.waitMs)).bundle;
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
