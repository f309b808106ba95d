import { rootedAnchor } from '../../support/test-anchors.ts';
import { four, qbftAnchor, seven, witnessAnchor } from '../../support/test-bundles.ts';

/** The anchors that vectors name; whatever else they need is a patch of one of these. */
export const anchors = {
  four: qbftAnchor(four),
  seven: qbftAnchor(seven),
  witnesses: witnessAnchor(),
  rooted: rootedAnchor(),
} as const;
