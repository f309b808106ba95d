import { digestOf, type Digest } from '../../core/digest.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { messageOfAnchor } from '../../core/state/anchor-message.ts';

/**
 * Which anchor a host went by. It is kept beside what was believed by it, apart from the anchors: whoever deletes one of
 * these, or puts a former one in its place, is found out. Digests are of the bytes that roots sign.
 */
export interface AnchorNote {
  readonly version: number;
  readonly digest: Digest;
  /** Of the home's file that led there: with another one it is whoever put that there who answers. */
  readonly home: Digest;
}

/** What is known of it: where the note was lost, what else tells of a version may be left. */
export type KnownNote =
  AnchorNote | { readonly version: number; readonly digest?: undefined; readonly home?: undefined };

/** The note of `anchor`, to which the home's file led. */
export function noteOfAnchor({ anchor, home }: { readonly anchor: Anchor; readonly home: Anchor }): AnchorNote {
  return { version: anchor.version, digest: digestOfAnchor(anchor), home: digestOfAnchor(home) };
}

/** Whether an anchor has the version of a noted one and is another: roots may have signed two. */
export function isAnotherThan({ version, digest }: KnownNote, anchor: Anchor): boolean {
  return anchor.version === version && digest !== undefined && digest !== digestOfAnchor(anchor);
}

/** Whether a note is of the home's file that is there now. */
export function isOfHome({ home }: KnownNote, anchor: Anchor): boolean {
  return home === undefined || home === digestOfAnchor(anchor);
}

function digestOfAnchor(anchor: Anchor): Digest {
  return digestOf(messageOfAnchor(anchor));
}
