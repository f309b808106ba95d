import { hasCode, DewproofError } from '../errors.ts';
import type { IsSignedBy } from '../signatures.ts';
import type { Anchor } from './anchor.ts';
import type { SignedAnchor } from './signed-anchor.ts';
import { verifyNextAnchor } from './verify-next-anchor.ts';

/** Of one source at a time; each costs up to 64 checks of signatures (4 ms each). */
export const MAX_ANCHORS = 64;

/** What one source's anchors come to. */
export interface AnchorPlan {
  /** Those to take, in this order, each verified against the one before; none where nothing is new. */
  readonly taken: readonly SignedAnchor[];
  /** Which anchor is then in use. */
  readonly anchor: Anchor;
  /** Why what followed was not taken. */
  readonly refusal: DewproofError | undefined;
}

/**
 * Plans which of the anchors that one source offers to take: each newer one in turn, through every change of the roots.
 * Old ones are passed over. The first that is refused ends it: a source that offers one is broken or lies, and must not
 * choose how much work it costs. @throws ENDLESS_DATA (more than `MAX_ANCHORS`)
 */
export function planAnchors(
  { current, offered }: { readonly current: Anchor; readonly offered: readonly SignedAnchor[] },
  deps: { readonly isSignedBy: IsSignedBy },
): AnchorPlan {
  if (offered.length > MAX_ANCHORS) {
    throw new DewproofError('ENDLESS_DATA', `More than ${MAX_ANCHORS} anchors were offered; ask another source.`);
  }
  const taken: SignedAnchor[] = [];
  let anchor = current;
  for (const next of offered.toSorted((one, other) => one.anchor.version - other.anchor.version)) {
    if (next.anchor.version <= anchor.version) continue;
    try {
      anchor = verifyNextAnchor({ current: anchor, next }, deps);
    } catch (refusal) {
      if (hasCode(refusal)) return { taken, anchor, refusal };
      throw refusal;
    }
    taken.push(next);
  }
  return { taken, anchor, refusal: undefined };
}
