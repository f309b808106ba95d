import { digestOf } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { openAnchored, verifyFloor } from './accept-bundle.ts';
import type { KeptState } from './proven-state.ts';
import type { Trusted } from './trusted.ts';

/**
 * Opens a bundle that the network or a file brought: by the anchor in use alone, since former signers may have lost their
 * keys by now. `now` (Unix seconds) is a clock that it may not be ahead of, 0 where none is to be believed.
 * @throws what openAnchored does; STORE_CORRUPT (a newer anchor was in use: whom it disowned is not known)
 */
export function openOffered(
  { bundle, now }: { readonly bundle: Uint8Array; readonly now: bigint },
  trusted: Trusted,
): KeptState {
  verifyNoneMissing(trusted);
  const { anchor, openState } = trusted;
  return kept(bundle, { state: openAnchored({ bundle, anchor, openState, now }), by: anchor });
}

/**
 * Opens a bundle that was accepted before: by the anchor in use, or else by the newest former one that opens it. The
 * block that the one in use names is no older in either case. Nobody asks how far ahead it is: it was judged then.
 * @throws what openAnchored does by the anchor in use
 */
export function openAccepted(bundle: Uint8Array, { anchor: current, openState, standing }: Trusted): KeptState {
  const refusals: DewproofError[] = [];
  for (const by of [current, ...standing]) {
    try {
      const state = openAnchored({ bundle, anchor: by, openState, now: 0n });
      verifyFloor(state.block, current);
      return kept(bundle, { state, by });
    } catch (error) {
      if (!hasCode(error)) throw error;
      refusals.push(error);
    }
  }
  throw refusals[0] ?? new TypeError('no anchor was asked');
}

function kept(
  bundle: Uint8Array,
  { state, by }: { readonly state: KeptState['state']; readonly by: Anchor },
): KeptState {
  return { state, bundle, digest: digestOf(bundle), anchorVersion: by.version, vouchedAt: state.attestedAt };
}

/**
 * Verifies that no newer anchor than the one in use was in use before, except where it left `standing` under itself: the
 * version under which what is to be opened counted. @throws STORE_CORRUPT
 */
export function verifyNoneMissing({ missing: version }: Pick<Trusted, 'missing'>, standing = 0): void {
  if (version === undefined || standing >= version) return;
  throw new DewproofError(
    'STORE_CORRUPT',
    `Version ${version} of the anchor was in use here and the disk lost it: nothing new is believed before that one or a newer one is there. Dews and other edges are asked for it; else \`dewproof anchor import\`.`,
  );
}
