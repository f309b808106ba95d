import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import { receiptDigestOf, type Envelope } from '../../core/receipts/envelope.ts';
import { parseStatement } from '../../core/receipts/statement.ts';
import type { VerifiedReceipt } from '../../core/receipts/verify-receipt.ts';
import { createTurns, type InTurn } from '../../platform/create-turns.ts';
import type { Log } from '../../platform/log.ts';
import { DURABLE, sublevelOf, type Store, type Sublevel } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { createBatches, type Batches } from './batches.ts';
import { createReceiptLists, type ReceiptLists } from './receipt-lists.ts';
import {
  conflictRecord,
  formatRecord,
  keys,
  parseRecord,
  placeOf,
  receiptRecord,
  within,
  type Place,
  type ReceiptRecord,
} from './receipt-records.ts';

// Evidence of one device's equivocation: the first is as good as the hundredth.
const MAX_CONFLICTS = 16;

/** How many of what a dew keeps. */
export interface ReceiptCounts {
  readonly kept: number;
  /** Not anchored yet. */
  readonly pending: number;
  readonly conflicts: number;
}

/** The receipts of a dew's devices. */
export interface ReceiptStore extends ReceiptLists, Batches {
  /**
   * Keeps a receipt; on disk (fsync) when it returns, also where it was before. Of a device that tells two histories the
   * first stays, and both go to the evidence.
   * @throws EQUIVOCATION, ROLLBACK (older than what was dropped), DISK_FULL, STORE_CORRUPT
   */
  take(verified: VerifiedReceipt): Promise<void>;
  /** The highest sequence up to which all that is kept of a device is anchored. */
  anchoredTo(device: Account): Promise<number | undefined>;
  counts(): ReceiptCounts;
}

/** `mostPerDevice` receipts are kept of each device: the oldest anchored ones are dropped first, then the oldest. */
export interface ReceiptStoreOptions {
  readonly mostPerDevice: number;
  readonly log: Log;
}

/** What the parts of a store share; changes go one after the other. */
export interface ReceiptShelf {
  readonly level: Sublevel;
  readonly log: Log;
  readonly read: (place: Place) => Promise<ReceiptRecord | undefined>;
  readonly inTurn: InTurn;
  /** Of each device, how many receipts are kept. */
  readonly kept: Map<Account, number>;
  readonly totals: { pending: number; conflicts: number; nextArrival: number };
}

/** Opens the receipts' part of a database. @throws STORE_CORRUPT */
export async function openReceiptStore(store: Store, options: ReceiptStoreOptions): Promise<ReceiptStore> {
  const shelf = await openShelf(sublevelOf(store, 'receipts'), options.log);
  const { level, kept, totals } = shelf;

  async function take(verified: VerifiedReceipt): Promise<void> {
    const { receipt, envelope, digest } = verified;
    const place = { device: receipt.device, sequence: receipt.sequence };
    const before = await shelf.read(place);
    if (before !== undefined && receiptDigestOf(before.envelope) === digest) return;
    await verifyNew(verified, { place, before });
    const resource = resourceIdOf(receipt);
    // Decayed, it is there and can't be read: it is written over.
    const isThere = before === undefined && (await guardStore(() => level.has(keys.receipt(place))));
    const arrival = totals.nextArrival;
    const victim = (kept.get(place.device) ?? 0) >= options.mostPerDevice ? await findVictim(place.device) : undefined;
    await guardStore(() =>
      level.batch(
        [
          put(keys.receipt(place), formatRecord({ envelope, resource, arrival })),
          put(keys.resource(resource, place), ''),
          put(keys.open(place), ''),
          put(keys.pending(arrival), keys.receipt(place)),
          ...(victim?.operations ?? []),
        ],
        DURABLE,
      ),
    );
    totals.nextArrival += 1;
    totals.pending += victim?.wasPending === true ? 0 : 1;
    if (victim === undefined && !isThere) kept.set(place.device, (kept.get(place.device) ?? 0) + 1);
  }

  async function verifyNew(
    verified: VerifiedReceipt,
    { place, before }: { place: Place; before: ReceiptRecord | undefined },
  ): Promise<void> {
    const other = before?.envelope ?? (await findFork(verified, place));
    if (other !== undefined) {
      await keepConflict({ kept: other, refused: verified.envelope }, { place, digest: verified.digest });
      throw new DewproofError('EQUIVOCATION', 'This device signed another receipt in this place; both are kept.');
    }
    const floor = Number((await guardStore(() => level.get(keys.floor(place.device)))) ?? 0);
    if (place.sequence > floor) return;
    throw new DewproofError('ROLLBACK', `Receipts up to ${floor} of this device were dropped here; it is too old.`);
  }

  /** A neighbour's receipt that this one contradicts. One that knows of no receipt before it contradicts nobody. */
  async function findFork(
    { receipt, digest }: VerifiedReceipt,
    { device, sequence }: Place,
  ): Promise<Envelope | undefined> {
    const before = await shelf.read({ device, sequence: sequence - 1 });
    if (before !== undefined && receipt.previous !== undefined) {
      if (receiptDigestOf(before.envelope) !== receipt.previous) return before.envelope;
    }
    const after = await shelf.read({ device, sequence: sequence + 1 });
    const previous = after && parseStatement(Buffer.from(after.envelope.payload, 'base64')).previous;
    return previous === undefined || previous === digest ? undefined : after?.envelope;
  }

  async function keepConflict(
    envelopes: { kept: Envelope; refused: Envelope },
    { place, digest }: { place: Place; digest: string },
  ): Promise<void> {
    const key = keys.conflict(place, digest);
    const known = await guardStore(() =>
      level.keys({ ...within(`conflict/${place.device}/`), limit: MAX_CONFLICTS }).all(),
    );
    if (known.includes(key) || known.length >= MAX_CONFLICTS) return;
    await guardStore(() => level.put(key, formatRecord(conflictRecord.parse(envelopes)), DURABLE));
    totals.conflicts += 1;
    options.log.error(
      { code: 'EQUIVOCATION', device: place.device, sequence: place.sequence },
      'A device signed two histories',
    );
  }

  async function findVictim(device: Account) {
    const [anchored] = await guardStore(() => level.keys({ ...within(`anchored/${device}/`), limit: 1 }).all());
    const [oldest] =
      anchored === undefined
        ? await guardStore(() => level.keys({ ...within(`receipt/${device}/`), limit: 1 }).all())
        : [anchored];
    if (oldest === undefined) return undefined;
    const place = placeOf(oldest);
    const record = await shelf.read(place);
    const floor = Number((await guardStore(() => level.get(keys.floor(device)))) ?? 0);
    const operations = [
      del(keys.receipt(place)),
      del(keys.open(place)),
      del(keys.anchored(place)),
      put(keys.floor(device), Math.max(floor, place.sequence).toString()),
      ...(record === undefined ? [] : [del(keys.resource(record.resource, place))]),
    ];
    // Once it is anchored, its arrival's number may be another one's.
    if (record === undefined || record.inclusion !== undefined) return { operations, wasPending: false };
    return { operations: [...operations, del(keys.pending(record.arrival))], wasPending: true };
  }

  return {
    ...createReceiptLists(shelf),
    ...createBatches(shelf),
    take: (verified) => shelf.inTurn(() => take(verified)),
    anchoredTo: async (device) => {
      const [open] = await guardStore(() => level.keys({ ...within(`open/${device}/`), limit: 1 }).all());
      const below =
        open === undefined
          ? within(`anchored/${device}/`)
          : { ...within(`anchored/${device}/`), lt: keys.anchored(placeOf(open)) };
      const [newest] = await guardStore(() => level.keys({ ...below, reverse: true, limit: 1 }).all());
      return newest === undefined ? undefined : placeOf(newest).sequence;
    },
    counts: () => ({
      kept: [...kept.values()].reduce((sum, count) => sum + count, 0),
      pending: totals.pending,
      conflicts: totals.conflicts,
    }),
  };
}

async function openShelf(level: Sublevel, log: Log): Promise<ReceiptShelf> {
  const kept = new Map<Account, number>();
  for (const key of await guardStore(() => level.keys(within('receipt/')).all())) {
    const { device } = placeOf(key);
    kept.set(device, (kept.get(device) ?? 0) + 1);
  }
  const pending = await guardStore(() => level.keys(within('pending/')).all());
  const conflicts = await guardStore(() => level.keys(within('conflict/')).all());
  const nextArrival = Number(pending.at(-1)?.slice('pending/'.length) ?? -1) + 1;
  return {
    level,
    log,
    kept,
    totals: { pending: pending.length, conflicts: conflicts.length, nextArrival },
    inTurn: createTurns(),
    read: async (place) => {
      const record = await guardStore(() => level.get(keys.receipt(place)));
      if (record === undefined) return undefined;
      try {
        return parseRecord(receiptRecord, record);
      } catch (error) {
        // The device may have it still; a list goes on without it.
        log.error({ code: 'STORE_CORRUPT', ...place, error }, 'A stored receipt was changed; it is not used');
        return undefined;
      }
    },
  };
}

function put(key: string, value: string) {
  return { type: 'put', key, value } as const;
}

function del(key: string) {
  return { type: 'del', key } as const;
}
