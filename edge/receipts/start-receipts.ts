import type { Account } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import type { SignMessage } from '../../core/signatures.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { createBackoff } from '../../platform/backoff.ts';
import type { Clock } from '../../platform/clock.ts';
import { sleep } from '../../platform/sleep.ts';
import { sublevelOf, type Store } from '../../platform/store/open-store.ts';
import type { Refusals } from '../refusals.ts';
import type { ReceiptSink } from './happening.ts';
import { createPostReceipts } from './post-receipts.ts';
import { createReceiptJournal, type ReceiptsStatus } from './receipt-journal.ts';
import { openReceiptLog } from './receipt-log.ts';
import { sendReceipts } from './send-receipts.ts';

/** The most receipts that a device keeps: about 3 MB. */
const MAX_RECEIPTS = 2000;

// What a receipt's time can say: a clock that is further off says this (9999-12-31T23:59:59.999Z).
const LATEST_MS = 253_402_300_799_999;

/** What a device's receipts stand on; `urls` are its dews, `clock` is the device's own time. */
export interface StartReceiptsOptions {
  readonly account: Account;
  readonly anchor: Anchor;
  readonly signer: CallSigner;
  readonly signMessage: SignMessage;
  readonly urls: readonly string[];
  readonly database: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly refusals: Refusals;
}

/** A device's receipts: made, kept and sent in the background. */
export interface Receipts {
  readonly sink: ReceiptSink;
  readonly status: () => ReceiptsStatus;
  readonly close: () => Promise<void>;
}

/** Starts making and sending receipts; nothing waits for it, and it throws nothing. */
export function startReceipts(options: StartReceiptsOptions): Receipts {
  const { account, anchor, clock, random, refusals } = options;
  const life = new AbortController();
  const level = sublevelOf(options.database, 'receipts');
  const elapsedMs = () => performance.now();
  const timeMs = () => Math.min(Math.max(1, Math.floor(clock())), LATEST_MS);
  const journal = createReceiptJournal({
    account,
    ledger: { chain: anchor.chain, genesis: anchor.genesis, registry: anchor.registry },
    sign: options.signMessage,
    openLog: () => openReceiptLog(level, { most: MAX_RECEIPTS, freshSequence: timeMs }),
    clock: timeMs,
    elapsedMs,
    backoff: createBackoff({ firstMs: 1000, mostMs: 60_000, random, sleep }),
    refusals,
    onStored: () => {
      sender.wake();
    },
  });
  const sender = sendReceipts({
    log: journal.log,
    post: createPostReceipts(options),
    backoff: createBackoff({ firstMs: 2000, mostMs: 600_000, random, sleep }),
    refusals,
    elapsedMs,
    signal: life.signal,
  });
  const loaded = journal.load();
  return {
    sink: journal,
    status: journal.status,
    close: async () => {
      life.abort();
      await Promise.all([loaded, journal.close(), sender.ended]);
    },
  };
}
