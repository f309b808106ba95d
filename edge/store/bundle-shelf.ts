import { digestOf, type Digest } from '../../core/digest.ts';
import type { Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { applyDelta } from './apply-delta.ts';
import { planShelf, type BundleChange, type ShelfIndex, type ShelfPlan } from './plan-shelf.ts';

/**
 * Bundles on disk, by digest. Those of two heads differ by some 900 bytes where no fact changed, of 391 KB for 1,000
 * resources: one is written whole, those after it as what differs from it, so that a flash chip lasts.
 */
export interface BundleShelf {
  /** Undefined where there is none, or where what it was written as does not give these bytes any more. */
  read(digest: Digest): Promise<Uint8Array | undefined>;
  digests(): Promise<readonly Digest[]>;
  /** What is to be written for some changes, in one batch; `onWritten` is called once it is. */
  plan(changes: readonly BundleChange[]): Promise<ShelfBatch>;
}

/** One batch of a shelf. */
export interface ShelfBatch {
  readonly operations: ReturnType<typeof operationsOf>;
  readonly onWritten: () => void;
}

type Parts = ReturnType<typeof partsOf>;

/** The shelf within a database; reads and batches are to come one after the other. */
export function createBundleShelf(store: Store): BundleShelf {
  const parts = partsOf(store);
  // Since the start: what was written as differences from a whole one, in bytes, the newest in use last.
  let spent: ReadonlyMap<Digest, number> = new Map();

  async function readDelta(digest: Digest): Promise<Uint8Array | undefined> {
    const [found] = await parts.deltas.iterator({ gte: `${digest} `, lt: `${digest}!`, limit: 1 }).all();
    if (found === undefined) return undefined;
    const base = await parts.wholes.get(parseKey(found[0]).base);
    const whole = base && applyDelta({ delta: found[1], base });
    return whole !== undefined && digestOf(whole) === digest ? whole : undefined;
  }

  const readAny = async (digest: Digest) => (await parts.wholes.get(digest)) ?? (await readDelta(digest));

  async function readIndex(): Promise<ShelfIndex> {
    const deltas = (await parts.deltas.keys().all()).map(parseKey);
    return {
      wholes: new Set((await parts.wholes.keys().all()) as Digest[]),
      deltas: new Map(deltas.map(({ digest, base }) => [digest, base])),
      bases: new Set((await parts.bases.keys().all()) as Digest[]),
    };
  }

  return {
    read: async (digest) => ((await parts.bases.get(digest)) === undefined ? readAny(digest) : undefined),
    digests: async () => {
      const { wholes, deltas, bases } = await readIndex();
      return [...new Set([...wholes, ...deltas.keys()])].filter((digest) => !bases.has(digest));
    },
    plan: async (changes) => {
      if (changes.length === 0) return { operations: [], onWritten: () => undefined };
      const before = await readIndex();
      const plan = await planShelf(changes, { before, spent, read: (digest) => guardStore(() => readAny(digest)) });
      return {
        operations: operationsOf(parts, { before, plan }),
        onWritten: () => {
          spent = plan.spent;
        },
      };
    },
  };
}

function partsOf(store: Store) {
  return {
    wholes: store.sublevel<string, Uint8Array>('bundles', { valueEncoding: 'view' }),
    // By the digest of what they give, and that of the whole one which they differ from.
    deltas: store.sublevel<string, Uint8Array>('bundle-deltas', { valueEncoding: 'view' }),
    // Whole ones that nobody asks for any more but deltas: they are not told of.
    bases: store.sublevel<string, Uint8Array>('bundle-bases', { valueEncoding: 'view' }),
  };
}

function operationsOf(
  { wholes, deltas, bases }: Parts,
  { before, plan: { after, newWholes, newDeltas } }: { readonly before: ShelfIndex; readonly plan: ShelfPlan },
) {
  const view = { valueEncoding: 'view' } as const;
  const dels = [
    ...[...before.wholes].filter((one) => !after.wholes.has(one)).map((key) => ({ sublevel: wholes, key })),
    ...[...before.deltas].filter(([one, base]) => after.deltas.get(one) !== base).map((entry) => placeOf(entry)),
    ...[...before.bases].filter((one) => !after.bases.has(one)).map((key) => ({ sublevel: bases, key })),
  ];
  const puts = [
    ...[...newWholes].map(([key, value]) => ({ sublevel: wholes, key, value })),
    ...[...newDeltas].map(([digest, { base, delta }]) => ({ ...placeOf([digest, base]), value: delta })),
    ...[...after.bases].filter((one) => !before.bases.has(one)).map((key) => ({ sublevel: bases, key, value: MARK })),
  ];
  function placeOf([digest, base]: readonly [Digest, Digest]) {
    return { sublevel: deltas, key: `${digest} ${base}` };
  }
  return [
    ...dels.map((one) => ({ type: 'del' as const, ...view, ...one })),
    ...puts.map((one) => ({ type: 'put' as const, ...view, ...one })),
  ];
}

const MARK = Uint8Array.of(1);

function parseKey(key: string): { readonly digest: Digest; readonly base: Digest } {
  const [digest, base = ''] = key.split(' ');
  return { digest: digest as Digest, base: base as Digest };
}
