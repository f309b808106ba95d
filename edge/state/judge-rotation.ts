import { hasCode } from '../../core/errors.ts';
import type { OpenState } from '../../core/state/ports.ts';
import type { Anchors } from '../../platform/anchors/open-anchors.ts';

/** A bundle that was refused, and the server that it came from, where that is known. */
export interface RefusedBundle {
  readonly error: unknown;
  readonly bundle: Uint8Array;
  readonly server: string | undefined;
}

/** Tells whether a bundle was refused for a rotation alone: of its server or of this device, whichever is the later. */
export type IsOfRotation = (refused: RefusedBundle) => Promise<boolean>;

/** What judging needs; times in milliseconds. */
export interface RotationJudgeDeps {
  readonly anchors: Pick<Anchors, 'current' | 'standing' | 'onChange'>;
  readonly openState: OpenState;
  /** Asks a server for anchors and takes what it has, which ends soon whatever it answers. */
  readonly askAnchors: (server: string) => Promise<void>;
  readonly elapsedMs: () => number;
  /** For how long after a rotation others may still go by the anchor before. */
  readonly graceMs: number;
}

/**
 * Anchors and bundles travel apart: in a rotation whoever has the new anchor first takes the others' bundles for another's
 * work. That is nothing to alarm anybody about; what a former anchor's signers make later on is.
 */
export function createRotationJudge({ anchors, openState, askAnchors, ...deps }: RotationJudgeDeps): IsOfRotation {
  let changedMs = -Infinity;
  anchors.onChange(() => {
    changedMs = deps.elapsedMs();
  });

  /** By the anchor that came while it was being judged, or by one before. */
  function opensByAny(bundle: Uint8Array): boolean {
    return [anchors.current(), ...anchors.standing()].some((by) => {
      try {
        openState(bundle, by, 0n);
        return true;
      } catch (error) {
        if (hasCode(error)) return false;
        throw error;
      }
    });
  }

  return async ({ error, bundle, server }) => {
    if (!hasCode(error, 'PROOF_INVALID', 'QUORUM')) return false;
    if (deps.elapsedMs() - changedMs < deps.graceMs && opensByAny(bundle)) return true;
    const before = anchors.current();
    if (server !== undefined) await askAnchors(server);
    return anchors.current() !== before;
  };
}
