import { DewproofError } from '../../../core/errors.ts';
import type { QuorumNote } from './gather-notes.ts';
import type { WitnessNote } from './parse-witness-note.ts';

/** A witness whose notes do not fit those of a quorum, and why. */
export interface Liar {
  readonly witness: string;
  /** EQUIVOCATION (it signed another block of the height), FREEZE (it signed nothing for long). */
  readonly error: DewproofError;
}

/** A witness signs an idle head again every eighth of `staleAfter`; one that misses two of them is frozen. */
const FROZEN_AFTER = 4n;

/**
 * Finds the witnesses who signed another block of the height than the quorum did, and those whose newest note is a
 * quarter of `staleAfter` (seconds) older than the quorum's. Nothing of theirs counted anyway: operators must hear of it
 * before a second one is lost.
 */
export function findLiars(
  notes: readonly WitnessNote[],
  { quorum, staleAfter }: { readonly quorum: QuorumNote; readonly staleAfter: number },
): readonly Liar[] {
  const byWitness = Map.groupBy(notes, ({ witness }) => witness);
  return [...byWitness].flatMap(([witness, all]): readonly Liar[] => {
    const rival = all.find(({ height, hash }) => height === quorum.height && hash !== quorum.hash);
    if (rival) return [{ witness, error: contradictionOf(rival, { quorum }) }];
    const newest = all.reduce((latest, { signedAt }) => (signedAt > latest ? signedAt : latest), 0n);
    const lag = quorum.attestedAt - newest;
    return lag * FROZEN_AFTER > BigInt(staleAfter) ? [{ witness, error: freezeOf({ witness, lag }) }] : [];
  });
}

function contradictionOf(
  { witness, height, hash, line }: WitnessNote,
  { quorum }: { readonly quorum: QuorumNote },
): DewproofError {
  return new DewproofError(
    'EQUIVOCATION',
    `${witness} signed block ${hash} at height ${height}, where a quorum signed ${quorum.hash}: it lies, or its node does.`,
    { details: { height: height.toString(), hash, line } },
  );
}

function freezeOf({ witness, lag }: { readonly witness: string; readonly lag: bigint }): DewproofError {
  return new DewproofError(
    'FREEZE',
    `${witness} shows nothing that it signed in the ${lag} s before the others did: it is frozen, or its node is.`,
  );
}
