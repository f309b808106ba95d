import { DewproofError, hasCode } from '../../core/errors.ts';
import type { IsSignedBy } from '../../core/rollout/verify-order.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { planAnchors } from '../../core/state/plan-anchors.ts';
import { signedAnchorSchema, type SignedAnchor } from '../../core/state/signed-anchor.ts';
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
  current(): Anchor;
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
  /** Hears why stored anchors do not follow from the home's file any more; they do not count then. */
  readonly onTrouble: (error: DewproofError) => void;
}

/**
 * Opens the anchors that a host was given since it was set up, each verified anew from the home's file on: whoever can
 * write to the disk alone can't have it trust others. All are kept, since only roots can add one.
 * @throws STORE_CORRUPT
 */
export async function openAnchors(store: Store, deps: AnchorsDeps): Promise<Anchors> {
  const part = sublevelOf(store, 'anchors');
  const inTurn = createTurns();
  const listeners: ((anchor: Anchor) => void)[] = [];
  let { anchor, kept, stale } = verifyKept(await readWith(deps.signed, part), deps);

  async function take(offered: readonly SignedAnchor[]): Promise<AnchorsTaken> {
    const plan = planAnchors({ current: anchor, offered }, deps);
    if (plan.taken.length > 0) {
      await write(part, { added: plan.taken, gone: stale });
      ({ anchor } = plan);
      kept = [...kept, ...plan.taken];
      stale = [];
      for (const listener of listeners) listener(anchor);
    }
    const taken = plan.taken.map((one) => one.anchor.version);
    return { version: anchor.version, taken, refusal: plan.refusal };
  }

  return {
    current: () => anchor,
    signed: () => kept,
    take: (offered) => inTurn(() => take(offered)),
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}

interface Kept {
  readonly anchor: Anchor;
  readonly kept: readonly SignedAnchor[];
  /** Those that lead on from another file than the home's. */
  readonly stale: readonly SignedAnchor[];
}

function verifyKept(stored: readonly SignedAnchor[], { anchor: base, isSignedBy, onTrouble }: AnchorsDeps): Kept {
  let anchor = base;
  for (const [index, next] of stored.entries()) {
    if (next.anchor.version <= base.version) continue;
    try {
      anchor = verifyNextAnchor({ current: anchor, next }, { isSignedBy });
    } catch (error) {
      if (!hasCode(error)) throw error;
      onTrouble(error);
      return { anchor, kept: stored.slice(0, index), stale: stored.slice(index) };
    }
  }
  return { anchor, kept: stored, stale: [] };
}

type Part = ReturnType<typeof sublevelOf>;

async function write(
  part: Part,
  { added, gone }: { readonly added: readonly SignedAnchor[]; readonly gone: readonly SignedAnchor[] },
): Promise<void> {
  // In this order: of two of one version, the one that is added stays.
  const drops = gone.map((one) => ({ type: 'del', key: keyOf(one) }) as const);
  const puts = added.map((one) => ({ type: 'put', key: keyOf(one), value: sealRecord(JSON.stringify(one)) }) as const);
  await guardStore(() => part.batch([...drops, ...puts], DURABLE));
}

async function readAll(part: Part): Promise<readonly SignedAnchor[]> {
  const records = await guardStore(() => part.values().all());
  return records.map((record) => {
    const parsed = signedAnchorSchema.safeParse(parseJsonBytes(Buffer.from(openRecord(record))));
    if (parsed.success) return parsed.data;
    throw new DewproofError('STORE_CORRUPT', 'A stored anchor is not understood; run the release that wrote it.');
  });
}

/** All that are kept, with the home's: put there while nothing ran, it would reach no device otherwise. */
async function readWith(own: SignedAnchor | undefined, part: Part): Promise<readonly SignedAnchor[]> {
  const stored = await readAll(part);
  const isKnown = stored.some((one) => one.anchor.version === own?.anchor.version);
  if (own === undefined || own.signatures.length === 0 || isKnown) return stored;
  await write(part, { added: [own], gone: [] });
  return [...stored, own].toSorted((one, other) => one.anchor.version - other.anchor.version);
}

function keyOf({ anchor }: SignedAnchor): string {
  return anchor.version.toString().padStart(16, '0');
}
