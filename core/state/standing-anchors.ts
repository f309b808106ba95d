import type { Anchor } from './anchor.ts';

/** What must be the same for a former anchor's word to be of the same facts. */
const SUBJECT = ['tenant', 'chain', 'genesis', 'registry', 'codeHash'] as const;

/**
 * Of the anchors that led to the one in use (ascending, that one last) those by which a device may still open what it
 * accepted while they were in use, the newest first. Going back from the newest, they stand until a step that names
 * another checkpoint (so roots disown what old signers vouched for, whose keys may be stolen), another registry or other
 * code, or before which a node was trusted. Nothing that is new to the device may be opened by one.
 */
export function standingAnchors(verified: readonly Anchor[]): readonly Anchor[] {
  const newestFirst = verified.toReversed();
  const steps = newestFirst.slice(1).map((older, index) => ({ older, newer: newestFirst[index] ?? older }));
  const end = steps.findIndex(({ older, newer }) => !stands([older, newer]));
  return steps.slice(0, end === -1 ? steps.length : end).map(({ older }) => older);
}

function stands([older, newer]: readonly [Anchor, Anchor]): boolean {
  if (older.finality.kind === 'rpc') return false;
  return SUBJECT.every((field) => older[field] === newer[field]) && isSameCheckpoint([older, newer]);
}

function isSameCheckpoint([{ checkpoint: one }, { checkpoint: other }]: readonly [Anchor, Anchor]): boolean {
  return one?.height === other?.height && one?.hash === other?.hash && one?.time === other?.time;
}
