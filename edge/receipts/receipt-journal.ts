import type { Account } from '../../core/account.ts';
import type { DewproofError, ErrorCode } from '../../core/errors.ts';
import type { SignMessage } from '../../core/signatures.ts';
import type { Receipt } from '../../core/receipts/receipt.ts';
import { signReceipt } from '../../core/receipts/sign-receipt.ts';
import type { Backoff } from '../../platform/backoff.ts';
import type { Clock } from '../../platform/clock.ts';
import { codedError } from '../coded-error.ts';
import type { Refusals } from '../refusals.ts';
import { createCauseCounter, type Counted } from './count-causes.ts';
import type { ReceiptSink } from './happening.ts';
import type { MadeReceipt, ReceiptLog } from './receipt-log.ts';

const LOOK_EVERY_MS = 60_000;
// What waits in memory for a disk that takes nothing; beyond it the oldest are lost, which a gap in the sequence tells.
const MAX_WAITING = 1000;
const MAX_WRITTEN_AT_ONCE = 64;

/** Receipts as an operator sees them. */
export interface ReceiptsStatus {
  readonly kept: number;
  /** That no dew has taken yet. */
  readonly unsent: number;
  /** Sequence of the newest. */
  readonly newest: number | null;
  /** Things that happened and are not on disk yet. */
  readonly waiting: number;
  /** Things that happened and that no receipt tells of, since the process began. */
  readonly lost: number;
  /** Why the disk takes none. */
  readonly trouble: ErrorCode | null;
}

/** Makes receipts of what it hears, in the background. */
export interface ReceiptJournal extends ReceiptSink {
  /** Undefined until the disk was read. */
  readonly log: () => ReceiptLog | undefined;
  /** Reads the disk for what was not sent in an earlier life, and tells `onStored`; it never rejects. */
  load(): Promise<void>;
  readonly status: () => ReceiptsStatus;
  /** Writes what is left, once: what a full disk refuses then is lost with the process. */
  close(): Promise<void>;
}

/** What a journal stands on; `onStored` hears of new receipts once they are on disk, `elapsedMs` is a clock that is never set. */
export interface JournalDeps {
  readonly account: Account;
  readonly ledger: Receipt['ledger'];
  readonly sign: SignMessage;
  readonly openLog: () => Promise<ReceiptLog>;
  readonly clock: Clock;
  readonly elapsedMs: () => number;
  readonly backoff: Backoff;
  readonly refusals: Refusals;
  readonly onStored: () => void;
}

interface Waiting extends Counted {
  readonly timeMs: number;
}

/**
 * Makes the journal. A start does not wait for its receipt: on a full disk receipts wait in memory and are tried again.
 * A receipt leaves the device only once it is on disk, so that a power cut never lets its number be used again.
 */
export function createReceiptJournal(deps: JournalDeps): ReceiptJournal {
  const causes = createCauseCounter();
  const closing = new AbortController();
  const waiting: Waiting[] = [];
  let log: ReceiptLog | undefined;
  let opening: Promise<ReceiptLog> | undefined;
  let trouble: DewproofError | undefined;
  let lost = 0;
  /** Of those lost, how many no gap tells of yet. */
  let untold = 0;
  let working: Promise<void> | undefined;

  const timer = setInterval(() => {
    take(causes.due(deps.elapsedMs()));
  }, LOOK_EVERY_MS).unref();

  function take(counted: readonly Counted[]): void {
    if (counted.length === 0) return;
    waiting.push(...counted.map((one) => ({ ...one, timeMs: deps.clock() })));
    loseExcess();
    working ??= work();
  }

  function loseExcess(): void {
    const excess = waiting.splice(0, Math.max(0, waiting.length - MAX_WAITING)).length;
    lost += excess;
    untold += excess;
  }

  /** It never rejects: a receipt that can't be made keeps nothing else from going on. */
  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const isLastTry = closing.signal.aborted;
      const batch = waiting.splice(0, MAX_WRITTEN_AT_ONCE);
      try {
        await write(batch);
        trouble = undefined;
        deps.backoff.reset();
      } catch (error) {
        waiting.unshift(...batch);
        report(error);
        if (isLastTry) break;
        await deps.backoff.wait(closing.signal);
        loseExcess();
      }
    }
    // Not in a `finally` of a caller: what is noted from here on starts anew.
    working = undefined;
  }

  /** Once, however many ask; one that failed is tried again. */
  async function open(): Promise<ReceiptLog> {
    try {
      return (log = await (opening ??= deps.openLog()));
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const receipts = await open();
    const gap = untold;
    let { sequence, digest: previous } = receipts.last();
    sequence += gap;
    const made: MadeReceipt[] = [];
    for (const one of batch) {
      sequence += 1;
      const signed = await signReceipt(receiptOf(one, { sequence, previous }), deps.sign);
      made.push({ sequence, ...signed });
      previous = signed.digest;
    }
    await receipts.append(made);
    untold -= gap;
    deps.onStored();
  }

  function receiptOf({ happening, count, timeMs }: Waiting, place: Pick<Receipt, 'sequence' | 'previous'>): Receipt {
    const { head, ...told } = happening;
    const stoodOn = head === undefined ? undefined : { height: head.height, hash: head.hash };
    return { ...told, ...place, device: deps.account, ledger: deps.ledger, head: stoodOn, timeMs, count };
  }

  function report(error: unknown): void {
    trouble = codedError(error, { code: 'INTERNAL', what: 'A receipt could not be made' });
    deps.refusals.record({ about: 'receipts', code: trouble.code, message: trouble.message });
  }

  return {
    note: (happening) => {
      const isCounted = happening.event === 'refusal' || happening.event === 'rollback';
      take(isCounted ? causes.note(happening, deps.elapsedMs()) : [{ happening, count: 1 }]);
    },
    log: () => log,
    load: async () => {
      try {
        await open();
        deps.onStored();
      } catch (error) {
        report(error);
      }
    },
    status: () => ({
      ...(log?.counts() ?? { kept: 0, unsent: 0, newest: null }),
      waiting: waiting.length,
      lost,
      trouble: trouble?.code ?? null,
    }),
    close: async () => {
      clearInterval(timer);
      closing.abort();
      take(causes.flush());
      await working;
    },
  };
}
