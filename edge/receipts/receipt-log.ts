import { z } from 'zod';
import { digestField } from '../../core/fields.ts';
import { hasCode } from '../../core/errors.ts';
import type { Digest } from '../../core/digest.ts';
import { envelopeSchema, receiptDigestOf, type Envelope } from '../../core/receipts/envelope.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { DURABLE, type Sublevel } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { planDrops, type ReceiptMark } from './plan-drops.ts';

/** A signed receipt of this device. */
export interface MadeReceipt {
  readonly sequence: number;
  readonly digest: Digest;
  readonly envelope: Envelope;
}

/** The receipts that a device keeps. What it has lost of them it never numbers anew. */
export interface ReceiptLog {
  /** The newest: the next one's sequence is higher. `digest` is undefined where the disk holds none that can be read. */
  last(): { readonly sequence: number; readonly digest: Digest | undefined };
  /** Adds receipts of rising sequence, all or none; on disk (fsync) when it returns. @throws DISK_FULL, STORE_CORRUPT */
  readonly append: (made: readonly MadeReceipt[]) => Promise<void>;
  /** The oldest that no dew took, without those that `isHeldBack`; what the disk changed is dropped and not sent. */
  unsent(limits: { readonly most: number; readonly isHeldBack: (digest: Digest) => boolean }): Promise<MadeReceipt[]>;
  /** Notes what a dew said; lost with the power it is asked again. */
  mark(of: readonly Digest[], mark: ReceiptMark): Promise<void>;
  /** Sequences of what a dew took, for a later word on them. */
  taken(): readonly { readonly sequence: number; readonly digest: Digest }[];
  counts(): { readonly kept: number; readonly unsent: number; readonly newest: number | null };
}

/** `most` receipts are kept; `freshSequence` is where numbers begin where the disk may have forgotten some. */
export interface ReceiptLogOptions {
  readonly most: number;
  readonly freshSequence: () => number;
}

const headSchema = z.strictObject({ sequence: z.int().min(1), digest: digestField });
const recordSchema = z.strictObject({ envelope: envelopeSchema });

interface Kept {
  readonly sequence: number;
  readonly digest: Digest;
  mark: ReceiptMark | undefined;
}

/** Opens the log in a part of the device's database (its whole keyspace). @throws STORE_CORRUPT */
export async function openReceiptLog(level: Sublevel, options: ReceiptLogOptions): Promise<ReceiptLog> {
  const { kept, last: loaded } = await load(level, options);
  let last = loaded;

  async function append(made: readonly MadeReceipt[]): Promise<void> {
    const newest = made.at(-1);
    if (newest === undefined) return;
    const all = [...kept.values(), ...made.map(({ sequence, digest }) => ({ sequence, digest, mark: undefined }))];
    const dropped = planDrops(all, options.most);
    const gone = new Set(dropped);
    const operations = [
      ...dropped.flatMap((sequence) => [del(receiptKey(sequence)), del(markKey(sequence))]),
      ...made
        .filter(({ sequence }) => !gone.has(sequence))
        .map(({ sequence, envelope }) => put(receiptKey(sequence), sealRecord(JSON.stringify({ envelope })))),
      put('head', sealRecord(JSON.stringify({ sequence: newest.sequence, digest: newest.digest }))),
    ];
    await guardStore(() => level.batch(operations, DURABLE));
    for (const { sequence, digest } of made) kept.set(sequence, { sequence, digest, mark: undefined });
    for (const sequence of dropped) kept.delete(sequence);
    last = { sequence: newest.sequence, digest: newest.digest };
  }

  async function readBack({ sequence, digest }: Kept): Promise<MadeReceipt | undefined> {
    const record = await guardStore(() => level.get(receiptKey(sequence)));
    const envelope = record === undefined ? undefined : openReceipt(record);
    if (envelope !== undefined && receiptDigestOf(envelope) === digest) return { sequence, digest, envelope };
    kept.delete(sequence);
    return undefined;
  }

  return {
    last: () => last,
    append,
    unsent: async ({ most, isHeldBack }) => {
      const found: MadeReceipt[] = [];
      for (const one of [...kept.values()]) {
        if (one.mark !== undefined || isHeldBack(one.digest)) continue;
        const made = await readBack(one);
        if (made !== undefined) found.push(made);
        if (found.length >= most) break;
      }
      return found;
    },
    mark: async (of, mark) => {
      const named = new Set(of);
      const marked = [...kept.values()].filter(({ digest }) => named.has(digest));
      await guardStore(() => level.batch(marked.map(({ sequence }) => put(markKey(sequence), mark))));
      for (const one of marked) one.mark = mark;
    },
    taken: () => [...kept.values()].filter(({ mark }) => mark === 'taken'),
    counts: () => ({
      kept: kept.size,
      unsent: [...kept.values()].filter(({ mark }) => mark === undefined).length,
      newest: kept.size === 0 ? null : last.sequence,
    }),
  };
}

/**
 * Numbers go on from the newest of what is left. Where anything is missing or decayed, a receipt may have left the device
 * that the disk does not show: numbers then go on from the device's time in milliseconds, which no device has counted up to.
 */
async function load(level: Sublevel, { freshSequence }: ReceiptLogOptions) {
  const kept = new Map<number, Kept>();
  let isWhole = true;
  let highest = 0;
  for await (const [key, record] of guarded(level.iterator({ gt: 'receipt/', lt: 'receipt0' }))) {
    const sequence = Number(key.slice('receipt/'.length));
    const envelope = openReceipt(record);
    highest = Math.max(highest, sequence);
    if (envelope === undefined) isWhole = false;
    else kept.set(sequence, { sequence, digest: receiptDigestOf(envelope), mark: undefined });
  }
  for await (const [key, mark] of guarded(level.iterator({ gt: 'mark/', lt: 'mark0' }))) {
    const one = kept.get(Number(key.slice('mark/'.length)));
    if (one !== undefined && (mark === 'taken' || mark === 'anchored')) one.mark = mark;
  }
  const head = openHead(await guardStore(() => level.get('head')));
  const newest = kept.get(highest);
  if (isWhole && newest !== undefined && head?.sequence === highest && head.digest === newest.digest) {
    return { kept, last: { sequence: highest, digest: head.digest } };
  }
  const floor = Math.max(highest, head?.sequence ?? 0);
  const digest = head?.sequence === floor ? head.digest : kept.get(floor)?.digest;
  return { kept, last: { sequence: Math.max(floor, freshSequence() - 1), digest } };
}

async function* guarded<Entry>(entries: AsyncIterable<Entry>): AsyncIterable<Entry> {
  const iterator = entries[Symbol.asyncIterator]();
  for (;;) {
    const next = await guardStore(() => iterator.next());
    if (next.done === true) return;
    yield next.value;
  }
}

function openReceipt(record: string): Envelope | undefined {
  return recordSchema.safeParse(openJson(record)).data?.envelope;
}

function openHead(record: string | undefined) {
  return record === undefined ? undefined : headSchema.safeParse(openJson(record)).data;
}

/** Undefined for what decayed. */
function openJson(record: string): unknown {
  try {
    return JSON.parse(openRecord(record));
  } catch (error) {
    if (hasCode(error, 'STORE_CORRUPT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function put(key: string, value: string) {
  return { type: 'put', key, value } as const;
}

function del(key: string) {
  return { type: 'del', key } as const;
}

// In the order of sequences, which have at most 16 digits.
const receiptKey = (sequence: number) => `receipt/${sequence.toString().padStart(16, '0')}`;
const markKey = (sequence: number) => `mark/${sequence.toString().padStart(16, '0')}`;
