import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Backoff } from '../../platform/backoff.ts';
import type { Log } from '../../platform/log.ts';
import { sleep } from '../../platform/sleep.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import type { ReceiptStore } from './receipt-store.ts';

const LOOK_EVERY_MS = 1000;
const LEAST_PAUSE_MS = 10;
// A device gone bad makes receipts as fast as it can sign: each batch is a transaction, and the dew pays for it.
const LEAST_BETWEEN_MS = 30_000;

/** When a batch is due: so many receipts wait, or the first has waited so long; never two within 30 s (or `afterMs`). */
export interface AnchoringPlan {
  readonly atReceipts: number;
  readonly afterMs: number;
  /** The most receipts of one batch. */
  readonly most: number;
}

/** What a dew says of its anchoring. */
export interface AnchoringStatus {
  /** False where the dew was not asked to. */
  readonly enabled: boolean;
  readonly lastRoot: Bytes32 | null;
  /** Why the last try failed, until one succeeds. */
  readonly trouble: { readonly code: string; readonly message: string } | null;
}

/** What anchoring stands on; the ledger acts as the dew's account. */
export interface AnchorDeps {
  readonly store: ReceiptStore;
  readonly ledger: Pick<Ledger, 'account' | 'submit'>;
  readonly plan: AnchoringPlan;
  readonly backoff: Backoff;
  readonly elapsedMs: () => number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Anchors batches until its signal aborts. */
export interface Anchoring {
  status(): AnchoringStatus;
  readonly ended: Promise<void>;
}

/**
 * Anchors the roots of batches on the ledger. A batch stays as it is until its root is there: whether a try that failed
 * was taken up after all, the next one tells (ALREADY_ANCHORED), as it does where somebody else was first.
 */
export function anchorReceipts(deps: AnchorDeps): Anchoring {
  const { store, ledger, plan, signal } = deps;
  let lastRoot: Bytes32 | null = null;
  let trouble: DewproofError | undefined;
  let waitsSinceMs: number | undefined;
  let anchoredAtMs: number | undefined;

  function isDue(): boolean {
    const { pending } = store.counts();
    if (pending === 0) waitsSinceMs = undefined;
    else waitsSinceMs ??= deps.elapsedMs();
    const pauseMs = Math.min(LEAST_BETWEEN_MS, plan.afterMs);
    if (anchoredAtMs !== undefined && deps.elapsedMs() - anchoredAtMs < pauseMs) return false;
    if (pending >= plan.atReceipts) return true;
    return waitsSinceMs !== undefined && deps.elapsedMs() - waitsSinceMs >= plan.afterMs;
  }

  async function anchorBatch(): Promise<void> {
    const batch = await store.beginBatch(plan.most);
    if (batch === undefined || isAborted(signal)) return;
    try {
      // A ledger may take a minute to answer; a dew that stops does not wait: the next life finds out what became of it.
      await untilAborted(ledger.submit({ type: 'anchor-receipts', root: batch.root, count: batch.count }), signal);
    } catch (error) {
      if (!hasCode(error, 'ALREADY_ANCHORED')) throw error;
    }
    await store.finishBatch();
    waitsSinceMs = undefined;
    anchoredAtMs = deps.elapsedMs();
    lastRoot = batch.root;
    trouble = undefined;
    deps.log.info({ root: batch.root, count: batch.count }, 'Anchored a batch of receipts');
  }

  function report(error: unknown): void {
    const coded = hasCode(error) ? error : new DewproofError('INTERNAL', 'Anchoring failed.', { cause: error });
    if (coded.code !== trouble?.code)
      deps.log.warn({ code: coded.code, error: coded }, `Receipts are not anchored: ${coded.message}`);
    trouble = coded;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        // What an earlier life began is finished first.
        if ((await store.isBatchUnderWay()) || isDue()) await anchorBatch();
        deps.backoff.reset();
        await sleep(Math.max(LEAST_PAUSE_MS, Math.min(LOOK_EVERY_MS, plan.afterMs)), signal);
      } catch (error) {
        if (isAborted(signal)) return;
        report(error);
        await deps.backoff.wait(signal);
      }
    }
  }

  return {
    status: () => ({
      enabled: true,
      lastRoot,
      trouble: trouble === undefined ? null : { code: trouble.code, message: trouble.message },
    }),
    ended: run(),
  };
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
