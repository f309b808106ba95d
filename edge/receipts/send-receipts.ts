import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { MAX_SENT_RECEIPTS, type ReceiptsAnswer } from '../../core/wire/receipts.ts';
import type { Backoff } from '../../platform/backoff.ts';
import { sleep } from '../../platform/sleep.ts';
import { codedError } from '../coded-error.ts';
import type { Refusals } from '../refusals.ts';
import type { PostReceipts } from './post-receipts.ts';
import type { MadeReceipt, ReceiptLog } from './receipt-log.ts';

const LOOK_AGAIN_AFTER_MS = 3_600_000;

/** What sending needs; `log` is undefined until the disk was read, `elapsedMs` a clock that is never set. */
export interface SendDeps {
  readonly log: () => ReceiptLog | undefined;
  readonly post: PostReceipts;
  readonly backoff: Backoff;
  readonly refusals: Refusals;
  readonly elapsedMs: () => number;
  readonly signal: AbortSignal;
}

/** Sends until its signal aborts. */
export interface ReceiptSender {
  readonly ended: Promise<void>;
  /** There are new receipts. */
  wake(): void;
}

/**
 * Sends what no dew took yet, the oldest first. What a dew refuses is held back for an hour, not forgotten: the dew may
 * be lying, or be replaced. A dew that is gone is asked ever less often.
 */
export function sendReceipts(deps: SendDeps): ReceiptSender {
  const { signal } = deps;
  const heldBackMs = new Map<Digest, number>();
  let woken = new AbortController();

  const isHeldBack = (digest: Digest) => {
    const sinceMs = heldBackMs.get(digest);
    if (sinceMs === undefined) return false;
    if (deps.elapsedMs() - sinceMs < LOOK_AGAIN_AFTER_MS) return true;
    heldBackMs.delete(digest);
    return false;
  };

  /** Tells whether there was anything to send. */
  async function sendBatch(): Promise<boolean> {
    const log = deps.log();
    const batch = (await log?.unsent({ most: MAX_SENT_RECEIPTS, isHeldBack })) ?? [];
    if (log === undefined || batch.length === 0) return false;
    const envelopes = batch.map(({ envelope }) => envelope);
    await take(log, { batch, answer: await deps.post(envelopes, signal) });
    return true;
  }

  /** An answer counts for what was asked, and for nothing else. */
  async function take(
    log: ReceiptLog,
    { batch, answer }: { batch: readonly MadeReceipt[]; answer: ReceiptsAnswer },
  ): Promise<void> {
    const sent = new Set(batch.map(({ digest }) => digest));
    const taken = answer.taken.filter((digest) => sent.has(digest));
    const refused = answer.refused.filter(({ digest }) => sent.has(digest));
    if (taken.length + refused.length === 0) {
      throw new DewproofError('DEW_UNAVAILABLE', 'The dew did not say what became of the receipts; look at its log.');
    }
    await log.mark(taken, 'taken');
    for (const [digest, sinceMs] of heldBackMs) {
      // The log may have dropped it since, and never asks for it again.
      if (deps.elapsedMs() - sinceMs >= LOOK_AGAIN_AFTER_MS) heldBackMs.delete(digest);
    }
    for (const { digest, code } of refused) {
      heldBackMs.set(digest, deps.elapsedMs());
      deps.refusals.record({ about: 'receipts', code, message: `A dew refuses ${digest} of this device.` });
    }
    const { anchoredTo } = answer;
    if (anchoredTo === null) return;
    const anchored = log.taken().filter(({ sequence }) => sequence <= anchoredTo);
    await log.mark(
      anchored.map(({ digest }) => digest),
      'anchored',
    );
  }

  async function send(): Promise<void> {
    signal.addEventListener('abort', () => {
      woken.abort();
    });
    while (!signal.aborted) {
      woken = new AbortController();
      try {
        const isMore = await sendBatch();
        deps.backoff.reset();
        if (!isMore) await sleep(LOOK_AGAIN_AFTER_MS, woken.signal);
      } catch (error) {
        if (isAborted(signal)) return;
        const { code, message } = codedError(error, { code: 'INTERNAL', what: 'Receipts could not be sent' });
        deps.refusals.record({ about: 'receipts', code, message });
        await deps.backoff.wait(signal);
      }
    }
  }

  return {
    ended: send(),
    wake: () => {
      woken.abort();
    },
  };
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
