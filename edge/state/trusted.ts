import type { Anchor } from '../../core/state/anchor.ts';
import type { OpenState } from '../../core/state/ports.ts';
import type { AnchorNote } from '../../platform/anchors/anchor-note.ts';

/** By whose word bundles are opened, at each instant, and what opens them. */
export interface TrustDeps {
  readonly openState: OpenState;
  /** The one in use. */
  readonly anchor: () => Anchor;
  /** Former ones by which what was accepted before may be opened, the newest first; none where left out. */
  readonly standing?: () => readonly Anchor[];
  /** The version of a newer anchor that was in use before the disk lost it; see `Anchors.missing`. */
  readonly missing?: () => number | undefined;
  /** What is noted of the one in use; see `Anchors.note`. */
  readonly note?: () => AnchorNote | undefined;
}

/**
 * The same as it was at one instant. An anchor may come while the disk is waited for: whatever is opened, and what is
 * written down of it, goes by one of these.
 */
export interface Trusted {
  readonly openState: OpenState;
  readonly anchor: Anchor;
  readonly standing: readonly Anchor[];
  readonly missing: number | undefined;
  readonly note: AnchorNote | undefined;
}

/** Takes all of it at once. */
export function trustedNow({ openState, anchor, standing, missing, note }: TrustDeps): Trusted {
  return { openState, anchor: anchor(), standing: standing?.() ?? [], missing: missing?.(), note: note?.() };
}
