import { DewproofError, hasCode } from '../../core/errors.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { formerAnchors } from '../../core/state/former-anchors.ts';
import { MAX_ANCHORS, planAnchors } from '../../core/state/plan-anchors.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { standingAnchors } from '../../core/state/standing-anchors.ts';
import { verifyNextAnchor } from '../../core/state/verify-next-anchor.ts';
import { createTurns } from '../create-turns.ts';
import { sublevelOf, type Store } from '../store/open-store.ts';
import { isAnotherThan, isOfHome, noteOfAnchor, type AnchorNote, type KnownNote } from './anchor-note.ts';
import { readAnchors, writeAnchors, type StoredAnchors } from './stored-anchors.ts';

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
   * All before the one in use, the newest first: those that led to it, and of those before the home's file those that its
   * roots vouch for. Where somebody wrote others on the disk, they are none.
   */
  readonly former: () => readonly Anchor[];
  /**
   * The version that was in use before its record decayed or was gone; undefined once one as new is in use again. What is
   * new to the host must not be believed by an older one.
   */
  readonly missing: () => number | undefined;
  /** To be kept with what is believed from now on; undefined while one is missing: what was noted before stays. */
  readonly note: () => AnchorNote | undefined;
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
  /** What was noted last of which one was in use; it counts for the file of which it is. */
  readonly noted?: KnownNote | undefined;
  readonly isSignedBy: IsSignedBy;
  /** Hears why stored anchors do not follow from the home's file any more, or decayed; they do not count then. */
  readonly onTrouble: (error: DewproofError) => void;
}

/**
 * Opens the anchors that a host was given since it was set up, each verified anew from the home's file on: whoever can
 * write to the disk alone can't have it trust others. All are kept, since only roots can add one. Where one decayed, or is
 * gone though it is noted that it was in use, the host goes by what precedes it, and tells which is missing.
 * @throws STORE_CORRUPT (the database itself)
 */
export async function openAnchors(store: Store, deps: AnchorsDeps): Promise<Anchors> {
  const part = sublevelOf(store, 'anchors');
  const inTurn = createTurns();
  const listeners: ((anchor: Anchor) => void)[] = [];
  const noted = notedOf(deps);
  const { whole, decayed } = withoutOthers(await readAnchors(part, deps.signed), { noted, base: deps.anchor });
  const opened = verifyKept(whole, deps);
  let { verified, kept } = opened;
  const current = () => verified.at(-1) ?? deps.anchor;
  const reached = Math.max(newestLost({ decayed, stale: opened.stale }, deps.anchor), noted?.version ?? 0);
  const missing = () => (reached > current().version ? reached : undefined);
  const { stale } = opened;
  for (const error of troublesOf({ decayed, stale, missing: missing(), inUse: current() }, deps)) deps.onTrouble(error);
  let unused = [...decayed, ...stale];
  let standing = standingAnchors(verified);
  let older: readonly Anchor[] | undefined;
  let note = noteOfAnchor({ anchor: current(), home: deps.anchor });

  /** Of two of one version that roots signed, the one that was in use. */
  const isAnother = ({ anchor }: SignedAnchor) =>
    missing() !== undefined && noted !== undefined && isAnotherThan(noted, anchor);

  /** Each costs checks of signatures (4 ms each), and most hosts never ask. */
  function former(): readonly Anchor[] {
    const kept = opened.kept.filter(({ anchor }) => anchor.version < deps.anchor.version).slice(-MAX_ANCHORS);
    older ??= formerAnchors({ trusted: deps.anchor, older: kept }, deps);
    return [...verified.slice(0, -1).toReversed(), ...older];
  }

  async function take(offered: readonly SignedAnchor[]): Promise<AnchorsTaken> {
    const others = offered.filter(isAnother);
    const plan = planAnchors({ current: current(), offered: offered.filter((one) => !others.includes(one)) }, deps);
    if (plan.taken.length > 0) {
      // Behind one that is missing newer ones follow again once it is there.
      const gone = missing() === undefined ? unused : unused.filter((version) => version <= plan.anchor.version);
      await writeAnchors(part, { added: plan.taken, gone });
      verified = [...verified, ...plan.taken.map((one) => one.anchor)];
      standing = standingAnchors(verified);
      note = noteOfAnchor({ anchor: plan.anchor, home: deps.anchor });
      kept = [...kept, ...plan.taken];
      unused = unused.filter((version) => !gone.includes(version));
      for (const listener of listeners) listener(plan.anchor);
    }
    const taken = plan.taken.map((one) => one.anchor.version);
    return { version: plan.anchor.version, taken, refusal: plan.refusal ?? others.map(anotherError).at(0) };
  }

  return {
    current,
    standing: () => standing,
    former,
    missing,
    note: () => (missing() === undefined ? note : undefined),
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

/** With another file in the home, what was in use before is for whoever put it there to know. */
function notedOf({ noted, anchor }: AnchorsDeps): KnownNote | undefined {
  return noted !== undefined && isOfHome(noted, anchor) ? noted : undefined;
}

/** Without one that roots signed as well and that is not the one that was in use: somebody put it in its place. */
function withoutOthers(
  stored: StoredAnchors,
  { noted, base }: { readonly noted: KnownNote | undefined; readonly base: Anchor },
): StoredAnchors {
  const others = stored.whole.filter(
    ({ anchor }) => anchor.version > base.version && noted !== undefined && isAnotherThan(noted, anchor),
  );
  return {
    whole: stored.whole.filter((one) => !others.includes(one)),
    decayed: [...stored.decayed, ...versionsOf(others)],
  };
}

interface Found {
  readonly decayed: readonly number[];
  readonly stale: readonly number[];
  readonly missing: number | undefined;
  readonly inUse: Anchor;
}

/** What is to be told of records that do not read back, or are gone, and of a file that leads to less than the one before. */
function troublesOf(
  { decayed, stale, missing, inUse }: Found,
  { noted, anchor }: AnchorsDeps,
): readonly DewproofError[] {
  const told = decayed.map((version) => lostError(version, 'does not read back as it was written'));
  if (noted === undefined || noted.version <= inUse.version) return told;
  if (!isOfHome(noted, anchor)) return [...told, replacedError({ before: noted, inUse })];
  if (missing !== noted.version || decayed.includes(missing)) return told;
  return [...told, lostError(missing, stale.includes(missing) ? 'follows from one that is gone' : 'is gone')];
}

function lostError(version: number, how: string): DewproofError {
  return new DewproofError(
    'STORE_CORRUPT',
    `the record of version ${version} ${how}; it is taken again from whoever offers it, or by \`dewproof anchor import\`.`,
  );
}

function replacedError({ before, inUse }: { readonly before: KnownNote; readonly inUse: Anchor }): DewproofError {
  return new DewproofError(
    'ROLLBACK',
    `version ${before.version} was in use, and another file was put there since, which leads to version ${inUse.version}: that counts now. Where nobody meant it, put the newer file back.`,
  );
}

function anotherError({ anchor: { version } }: SignedAnchor): DewproofError {
  return new DewproofError(
    'EQUIVOCATION',
    `Roots signed two anchors of version ${version}, and this is not the one that was in use here; get that one, or a newer one.`,
  );
}

function versionsOf(signed: readonly SignedAnchor[]): readonly number[] {
  return signed.map(({ anchor }) => anchor.version);
}
