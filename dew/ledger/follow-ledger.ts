import { DewproofError, hasCode } from '../../core/errors.ts';
import { isSameLedger } from '../../core/ledger/is-same-ledger.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { EventBatch } from '../../core/ledger/events.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import type { BlockRef, LedgerIdentity } from '../../core/ledger/records.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import { aborted } from '../../platform/aborted.ts';
import { createBackoff } from '../../platform/backoff.ts';
import type { Log } from '../../platform/log.ts';
import { sleep } from '../../platform/sleep.ts';
import { createGoneFacts } from './gone-facts.ts';
import type { KnownState } from './state-json.ts';
import type { StateStore } from './state-store.ts';

/** What a dew knows of its ledger; `trouble` is why it knows nothing newer, where something is wrong. */
export interface LedgerFollower {
  /** What is offered; undefined until the ledger's head was reached once since this dew was installed. */
  known(): KnownState | undefined;
  trouble(): DewproofError | undefined;
  /** Resolves once the state is as new as the ledger's head is now, or after `timeoutMs`; tells which. */
  catchUp(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** What following needs; `onChange` hears of every head that changed something, once it is on disk. */
export interface FollowOptions {
  readonly ledger: Ledger;
  readonly store: StateStore;
  readonly onChange: (known: KnownState) => Promise<void>;
  readonly random: () => number;
  readonly log: Log;
}

/** An idle chain's new heads are no reason to write; losing them costs reading some empty blocks again. */
const SAVE_EVERY_BLOCKS = 300n;
/** What a node, or witnesses, that come back end. */
const PASSING = ['LEDGER_UNAVAILABLE', 'LEDGER_BEHIND'] as const;
/** An idle chain has no new block to tell that its node is back. */
const ASK_AGAIN_MS = 5_000;

/**
 * Follows the ledger from where the disk's copy stands. A ledger that is gone leaves the last state standing; one that
 * comes back with another history (EQUIVOCATION) or as another one (WRONG_CHAIN) changes nothing either, and is asked
 * again in case the right one returns.
 */
export function followLedger(options: FollowOptions): LedgerFollower {
  const closing = new AbortController();
  const follower = createProgress(options, closing.signal);
  const done = Promise.all([follower.run(), follower.watchRecovery()]);
  return {
    known: follower.known,
    trouble: follower.trouble,
    catchUp: (timeoutMs) => follower.catchUp(timeoutMs),
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

function createProgress({ ledger, store, onChange, random, log }: FollowOptions, signal: AbortSignal) {
  const backoff = createBackoff({ firstMs: 500, mostMs: 30_000, random, sleep });
  let known = store.loaded;
  const gone = createGoneFacts(known?.gone);
  // Before the first head is reached, half a history would look like a ledger that approved less than it did.
  let offered = known;
  // True from the moment that news are reduced until they are on disk and offered, whatever fails in between.
  let hasNews = false;
  let savedAt = heightOf(known?.state);
  let trouble: DewproofError | undefined;
  let asking: Promise<BlockRef | undefined> | undefined;
  const waiting = new Set<() => void>();

  const troubled = (error: unknown): void => {
    const coded = hasCode(error)
      ? error
      : new DewproofError('INTERNAL', 'Following the ledger failed.', { cause: error });
    if (coded.code !== trouble?.code) log.warn({ code: coded.code, error: coded }, coded.message);
    trouble = coded;
  };

  const identify = async (): Promise<LedgerIdentity> => {
    const identity = await ledger.identity();
    if (known !== undefined && !isSameLedger([identity, known.identity])) {
      throw new DewproofError(
        'WRONG_CHAIN',
        'The node serves another ledger than this dew has followed; check the node.',
      );
    }
    return identity;
  };

  /** Puts what is known on disk and offers it. What lies between two heads is history by then, and moves nothing. */
  const settle = async (reduced: KnownState): Promise<void> => {
    const latest = { ...reduced, gone: gone.list() };
    const height = heightOf(latest.state);
    const isNews = hasNews || offered === undefined;
    if (isNews || height - savedAt >= SAVE_EVERY_BLOCKS) {
      await store.save(latest);
      savedAt = height;
    }
    if (isNews) await onChange(latest);
    offered = latest;
    hasNews = false;
    for (const wake of waiting) wake();
  };

  const take = async (identity: LedgerIdentity, batch: EventBatch, target: BlockRef): Promise<void> => {
    const before = known?.state ?? emptyLedgerState;
    const state = reduceBatch(before, batch);
    gone.take(batch, before);
    known = { identity, state };
    hasNews ||= batch.events.length > 0;
    if (batch.block.height >= target.height) await settle(known);
    trouble = undefined;
    backoff.reset();
  };

  const followOnce = async (): Promise<void> => {
    const identity = await identify();
    const target = await ledger.head();
    // What failed to be offered, for want of room say, is tried again; an idle chain sends nothing that would.
    if (known !== undefined && hasNews && heightOf(known.state) >= target.height) {
      await settle(known);
      trouble = undefined;
    }
    const after = known?.state.block;
    for await (const batch of ledger.events({ after, follow: true, signal, onTrouble: troubled })) {
      await take(identity, batch, target);
    }
  };

  // What a caller just had mined may not be final yet: then it is asked to wait, not told that there is no such thing.
  const newest = ledger.latest ?? (() => ledger.head());

  /** The ledger's newest block; whoever asks meanwhile shares the answer, so that callers can't make us flood the node. */
  const askHead = (): Promise<BlockRef | undefined> =>
    (asking ??= newest()
      // Whatever the reason, the answer is the same: not known. The follower reports the trouble itself.
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
      }));

  return {
    known: (): KnownState | undefined => offered,
    trouble: () => trouble,
    run: async (): Promise<void> => {
      while (!signal.aborted) {
        try {
          await followOnce();
        } catch (error) {
          // Whoever closes the ledger with it is no trouble.
          if (!isAborted(signal)) troubled(error);
        }
        if (!isAborted(signal)) await backoff.wait(signal);
      }
    },
    watchRecovery: async (): Promise<void> => {
      while (!signal.aborted) {
        const head = hasCode(trouble, ...PASSING) ? await ledger.head().catch(() => undefined) : undefined;
        const isRecovered = head !== undefined && head.height === heightOf(known?.state);
        if (isRecovered && hasCode(trouble, ...PASSING)) trouble = undefined;
        await sleep(ASK_AGAIN_MS, signal);
      }
    },
    catchUp: async (timeoutMs: number): Promise<boolean> => {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const head = await Promise.race([aborted(deadline), askHead()]);
      if (head === undefined) return false;
      while (!deadline.aborted) {
        if (heightOf(offered?.state) >= head.height) return true;
        await nextBatch(waiting, deadline);
      }
      return false;
    },
  };
}

async function nextBatch(waiting: Set<() => void>, deadline: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      deadline.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    deadline.addEventListener('abort', wake, { once: true });
  });
}

function heightOf(state: LedgerState | undefined): bigint {
  return state?.block?.height ?? -1n;
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
