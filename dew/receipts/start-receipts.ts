import type { Ledger } from '../../core/ledger/ledger.ts';
import { createBackoff } from '../../platform/backoff.ts';
import type { Log } from '../../platform/log.ts';
import { sleep } from '../../platform/sleep.ts';
import type { Store } from '../../platform/store/open-store.ts';
import type { DewStatus } from '../status.ts';
import { anchorReceipts, type AnchoringPlan } from './anchor-receipts.ts';
import { openReceiptStore, type ReceiptStore } from './receipt-store.ts';

// What an edge keeps, and as much again for one that was replaced or lied about its numbers: 12 MB a device at most.
const MOST_PER_DEVICE = 4000;
const MOST_PER_BATCH = 1024;

/** What a dew's receipts stand on; `plan` is undefined where none are anchored, `random` answers 0 up to but not including 1. */
export interface StartReceiptsOptions {
  readonly store: Store;
  readonly ledger: Pick<Ledger, 'account' | 'submit'>;
  readonly plan: Omit<AnchoringPlan, 'most'> | undefined;
  readonly random: () => number;
  readonly log: Log;
}

/** A dew's receipts. */
export interface Receipts {
  readonly store: ReceiptStore;
  readonly status: () => DewStatus['receipts'];
  readonly close: () => Promise<void>;
}

/** Opens a dew's receipts and, where it is to, anchors them in the background. @throws STORE_CORRUPT */
export async function startReceipts({
  ledger,
  plan,
  random,
  log,
  ...options
}: StartReceiptsOptions): Promise<Receipts> {
  const store = await openReceiptStore(options.store, { mostPerDevice: MOST_PER_DEVICE, log });
  const life = new AbortController();
  const anchoring =
    plan === undefined
      ? undefined
      : anchorReceipts({
          store,
          ledger,
          plan: { ...plan, most: MOST_PER_BATCH },
          backoff: createBackoff({ firstMs: 2000, mostMs: 30_000, random, sleep }),
          elapsedMs: () => performance.now(),
          log,
          signal: life.signal,
        });
  const off = { enabled: false, lastRoot: null, trouble: null } as const;
  return {
    store,
    status: () => ({ ...store.counts(), anchoring: anchoring?.status() ?? off }),
    close: async () => {
      life.abort();
      await anchoring?.ended;
    },
  };
}
