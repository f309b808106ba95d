import { digestOf, type Digest } from '../../core/digest.ts';
import { hasCode } from '../../core/errors.ts';
import { makeDelta } from './make-delta.ts';

/** A bundle to be kept; undefined: no more. */
export interface BundleChange {
  readonly digest: Digest;
  readonly value: Uint8Array | undefined;
}

/** What the disk holds: whole bundles, others by the whole one that they differ from, and which whole ones only those need. */
export interface ShelfIndex {
  readonly wholes: ReadonlySet<Digest>;
  readonly deltas: ReadonlyMap<Digest, Digest>;
  readonly bases: ReadonlySet<Digest>;
}

/** What it is to hold, and what of that is new. */
export interface ShelfPlan {
  readonly after: ShelfIndex;
  readonly newWholes: ReadonlyMap<Digest, Uint8Array>;
  readonly newDeltas: ReadonlyMap<Digest, { readonly base: Digest; readonly delta: Uint8Array }>;
  readonly spent: ReadonlyMap<Digest, number>;
}

/** What a plan stands on. */
export interface ShelfDeps {
  readonly before: ShelfIndex;
  /** Bytes written as differences from each whole one since the start; the newest in use last. */
  readonly spent: ReadonlyMap<Digest, number>;
  /** The bytes of a bundle as the disk has them. */
  readonly read: (digest: Digest) => Promise<Uint8Array | undefined>;
}

// Servers may take turns that tell of different facts.
const MAX_TRIED = 2;

/** Plans what to write, so that whoever is cut off before or after finds each bundle, and nothing that no bundle needs. */
export async function planShelf(changes: readonly BundleChange[], deps: ShelfDeps): Promise<ShelfPlan> {
  const wanted = new Map(changes.map(({ digest, value }) => [digest, value]));
  const draft = draftOf(deps);
  const candidates = (draft.spent.size > 0 ? [...draft.spent.keys()].reverse() : [...draft.wholes])
    .filter((one) => draft.wholes.has(one) && wanted.get(one) === undefined)
    .slice(0, MAX_TRIED);
  for (const [digest, value] of wanted) {
    if (value === undefined) takeAway(draft, digest);
    else await place(draft, { digest, value }, { candidates, read: deps.read });
  }
  dropUnused(draft);
  const { wholes, deltas, bases, newWholes, newDeltas, spent } = draft;
  return { after: { wholes, deltas, bases }, newWholes, newDeltas, spent };
}

type Draft = ReturnType<typeof draftOf>;

function draftOf({ before, spent }: ShelfDeps) {
  return {
    wholes: new Set(before.wholes),
    deltas: new Map(before.deltas),
    bases: new Set(before.bases),
    newWholes: new Map<Digest, Uint8Array>(),
    newDeltas: new Map<Digest, NewDelta>(),
    spent: new Map(spent),
  };
}

function takeAway({ wholes, deltas, bases }: Draft, digest: Digest): void {
  deltas.delete(digest);
  if (wholes.has(digest)) bases.add(digest);
}

async function place(draft: Draft, bundle: Bundle, means: Means): Promise<void> {
  const { wholes, deltas, bases, spent } = draft;
  const { digest, value } = bundle;
  bases.delete(digest);
  if ((wholes.has(digest) || deltas.has(digest)) && (await isSame(bundle, means.read))) return;
  // Others may differ from one that decayed: written whole again it mends them.
  const made = wholes.has(digest) ? undefined : await differFromOne(value, { ...means, spent });
  if (made === undefined) {
    draft.newWholes.set(digest, value);
    wholes.add(digest);
    deltas.delete(digest);
  } else {
    draft.newDeltas.set(digest, made);
    deltas.set(digest, made.base);
  }
  const [base, total] = made ? [made.base, (spent.get(made.base) ?? 0) + made.delta.length] : [digest, 0];
  // The newest in use is the last.
  spent.delete(base);
  spent.set(base, total);
}

function dropUnused({ wholes, deltas, bases, spent }: Draft): void {
  const used = new Set(deltas.values());
  for (const unused of [...bases].filter((one) => !used.has(one))) {
    bases.delete(unused);
    wholes.delete(unused);
  }
  for (const gone of [...spent.keys()].filter((one) => !wholes.has(one))) spent.delete(gone);
}

interface Bundle {
  readonly digest: Digest;
  readonly value: Uint8Array;
}

interface Means extends Pick<ShelfDeps, 'read'> {
  readonly candidates: readonly Digest[];
}

interface NewDelta {
  readonly base: Digest;
  readonly delta: Uint8Array;
}

async function isSame({ digest, value }: Bundle, read: ShelfDeps['read']): Promise<boolean> {
  const stored = await orNone(() => read(digest));
  return stored !== undefined && Buffer.compare(stored, value) === 0;
}

/**
 * As what differs from one of the candidates: one that reads back whole, since all that differs from it falls with it,
 * and of which not as much was written so already as it has itself: facts that changed since would be written every time.
 */
async function differFromOne(
  value: Uint8Array,
  { candidates, spent, read }: Means & Pick<ShelfDeps, 'spent'>,
): Promise<NewDelta | undefined> {
  for (const digest of candidates) {
    const base = await orNone(() => read(digest));
    if (base === undefined || (spent.get(digest) ?? 0) >= base.length || digestOf(base) !== digest) continue;
    const delta = makeDelta({ value, base, maxBytes: value.length / 4 });
    if (delta !== undefined) return { base: digest, delta };
  }
  return undefined;
}

/** What can't be read is written anew. */
async function orNone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!hasCode(error)) throw error;
    return undefined;
  }
}
