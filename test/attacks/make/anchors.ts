import { rootedAnchor } from '../../support/test-anchors.ts';
import { namedAnchor } from '../../support/test-named.ts';
import { four, qbftAnchor, seven, witnessAnchor } from '../../support/test-bundles.ts';

/** The anchors that vectors name; whatever else they need is a patch of one of these. */
export const anchors = {
  four: qbftAnchor(four),
  seven: qbftAnchor(seven),
  named: namedAnchor(four),
  witnesses: witnessAnchor(),
  rooted: rootedAnchor(),
} as const;
