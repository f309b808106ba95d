import { DewproofError, hasCode } from '../../core/errors.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { planAnchors } from '../../core/state/plan-anchors.ts';
import { signedAnchorSchema, type SignedAnchor } from '../../core/state/signed-anchor.ts';
import { standingAnchors } from '../../core/state/standing-anchors.ts';
import { verifyNextAnchor } from '../../core/state/verify-next-anchor.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { createTurns } from '../create-turns.ts';
import { openRecord, sealRecord } from '../store/checked-record.ts';
import { DURABLE, sublevelOf, type Store } from '../store/open-store.ts';
import { guardStore } from '../store/store-errors.ts';

/** What came of anchors that one source offered. */
export interface AnchorsTaken {
  /** Of the anchor that is now in use. */
  readonly version: number;
  /** Versions that were taken, ascending. */
  readonly taken: readonly number[];
  /** Why what followed them was not. */
  readonly refusal: DewproofError | undefined;
}

/** The anchor that a host goes by, and the signed ones that led to it from the file in its home. */
export interface Anchors {
  readonly current: () => Anchor;
  /** Former ones by which what was accepted while they were in use may be opened still, the newest first. */
  readonly standing: () => readonly Anchor[];
  /**
   * The version that was in use before its record decayed; undefined once one as new is in use again. What is new to the
   * host must not be believed by an older one.
   */
  readonly missing: () => number | undefined;
  /** All that are kept, ascending by version: those before the home's file too, for devices that are behind. */
  signed(): readonly SignedAnchor[];
  /**
   * Takes what verifies against the anchor in use; it is on disk (fsync) before it is used.
   * @throws ENDLESS_DATA, DISK_FULL, STORE_CORRUPT (nothing changed)
   */
  take(offered: readonly SignedAnchor[]): Promise<AnchorsTaken>;
  /** Calls `listener` with each anchor that comes into use. */
  onChange(listener: (anchor: Anchor) => void): void;
}

/** What anchors are opened with; `anchor` is that of the home's file. */
export interface AnchorsDeps {
  readonly anchor: Anchor;
  /** That anchor as it stands in the file, where roots signed it: it is kept and served with the others. */
  readonly signed?: SignedAnchor | undefined;
  readonly isSignedBy: IsSignedBy;
  /** Hears why stored anchors do not follow from the home's file any more, or decayed; they do not count then. */
  readonly onTrouble: (error: DewproofError) => void;
}

/**
 * Opens the anchors that a host was given since it was set up, each verified anew from the home's file on: whoever can
 * write to the disk alone can't have it trust others. All are kept, since only roots can add one. Where one decayed, the
 * host goes by what precedes it, and tells which is missing.
 * @throws STORE_CORRUPT (the database itself)
 */
export async function openAnchors(store: Store, deps: AnchorsDeps): Promise<Anchors> {
  const part = sublevelOf(store, 'anchors');
  const inTurn = createTurns();
  const listeners: ((anchor: Anchor) => void)[] = [];
  const { whole, decayed } = await readWith(deps.signed, part);
  const opened = verifyKept(whole, deps);
  let { verified, kept } = opened;
  for (const version of decayed) deps.onTrouble(decayedError(version));
  const reached = newestLost({ decayed, stale: opened.stale }, deps.anchor);
  let unused = [...decayed, ...opened.stale];
  let standing = standingAnchors(verified);
  const current = () => verified.at(-1) ?? deps.anchor;

  async function take(offered: readonly SignedAnchor[]): Promise<AnchorsTaken> {
    const plan = planAnchors({ current: current(), offered }, deps);
    if (plan.taken.length > 0) {
      // Behind one that decayed newer ones follow again once it is there.
      const gone = decayed.length === 0 ? unused : unused.filter((version) => version <= plan.anchor.version);
      await write(part, { added: plan.taken, gone });
      verified = [...verified, ...plan.taken.map((one) => one.anchor)];
      standing = standingAnchors(verified);
      kept = [...kept, ...plan.taken];
      unused = unused.filter((version) => !gone.includes(version));
      for (const listener of listeners) listener(plan.anchor);
    }
    const taken = plan.taken.map((one) => one.anchor.version);
    return { version: plan.anchor.version, taken, refusal: plan.refusal };
  }

  return {
    current,
    standing: () => standing,
    missing: () => (reached > current().version ? reached : undefined),
    signed: () => kept,
    take: (offered) => inTurn(() => take(offered)),
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}

interface Kept {
  /** That of the home's file, and what follows from it, ascending. */
  readonly verified: readonly Anchor[];
  readonly kept: readonly SignedAnchor[];
  /** Versions of those that lead on from another file than the home's. */
  readonly stale: readonly number[];
}

function verifyKept(stored: readonly SignedAnchor[], { anchor: base, isSignedBy, onTrouble }: AnchorsDeps): Kept {
  const verified = [base];
  for (const [index, next] of stored.entries()) {
    if (next.anchor.version <= base.version) continue;
    try {
      verified.push(verifyNextAnchor({ current: verified.at(-1) ?? base, next }, { isSignedBy }));
    } catch (error) {
      if (!hasCode(error)) throw error;
      onTrouble(error);
      return { verified, kept: stored.slice(0, index), stale: versionsOf(stored.slice(index)) };
    }
  }
  return { verified, kept: stored, stale: [] };
}

/** The newest version that was in use and is not any more because of one that decayed; 0 where there is none. */
function newestLost(
  { decayed, stale }: { readonly decayed: readonly number[]; readonly stale: readonly number[] },
  { version: base }: Anchor,
): number {
  const lost = decayed.filter((version) => version > base);
  return lost.length === 0 ? 0 : Math.max(...lost, ...stale);
}

function decayedError(version: number): DewproofError {
  return new DewproofError(
    'STORE_CORRUPT',
    `the record of version ${version} does not read back as it was written; it is taken again from whoever offers it, or by \`dewproof anchor import\`.`,
  );
}

type Part = ReturnType<typeof sublevelOf>;

async function write(
  part: Part,
  { added, gone }: { readonly added: readonly SignedAnchor[]; readonly gone: readonly number[] },
): Promise<void> {
  // In this order: of two of one version, the one that is added stays.
  const drops = gone.map((version) => ({ type: 'del', key: keyOf(version) }) as const);
  const puts = added.map(
    (one) => ({ type: 'put', key: keyOf(one.anchor.version), value: sealRecord(JSON.stringify(one)) }) as const,
  );
  await guardStore(() => part.batch([...drops, ...puts], DURABLE));
}

/** What the disk holds: those that are whole, ascending, and the versions of those that are not. */
interface Stored {
  readonly whole: readonly SignedAnchor[];
  readonly decayed: readonly number[];
}

async function readAll(part: Part): Promise<Stored> {
  const records = await guardStore(() => part.iterator().all());
  const read = records.map(([key, record]) => ({ version: Number(key), signed: parseRecord(record) }));
  return {
    whole: read.flatMap(({ signed }) => signed ?? []),
    decayed: read
      .filter(({ version, signed }) => signed === undefined && Number.isSafeInteger(version))
      .map(({ version }) => version),
  };
}

/** Undefined where it is not what was written, or of a release that knew more. */
function parseRecord(record: string): SignedAnchor | undefined {
  try {
    return signedAnchorSchema.safeParse(parseJsonBytes(Buffer.from(openRecord(record)))).data;
  } catch (error) {
    if (!hasCode(error)) throw error;
    return undefined;
  }
}

/** All that are kept, with the home's: put there while nothing ran, it would reach no device otherwise. */
async function readWith(own: SignedAnchor | undefined, part: Part): Promise<Stored> {
  const stored = await readAll(part);
  const isKnown = stored.whole.some((one) => one.anchor.version === own?.anchor.version);
  if (own === undefined || own.signatures.length === 0 || isKnown) return stored;
  await write(part, { added: [own], gone: [] });
  return {
    whole: [...stored.whole, own].toSorted((one, other) => one.anchor.version - other.anchor.version),
    decayed: stored.decayed.filter((version) => version !== own.anchor.version),
  };
}

function versionsOf(signed: readonly SignedAnchor[]): readonly number[] {
  return signed.map(({ anchor }) => anchor.version);
}

/** Padded, so that the disk's order is that of the versions. */
function keyOf(version: number): string {
  return version.toString().padStart(16, '0');
}
