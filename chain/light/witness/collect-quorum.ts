import { hasCode, type DewproofError } from '../../../core/errors.ts';
import type { AnchorOf } from '../../../core/state/anchor.ts';
import { refuseProof } from '../refuse.ts';
import type { Witness } from './cosignature.ts';
import { findLiars } from './find-liars.ts';
import { gatherNotes, type QuorumNote } from './gather-notes.ts';
import { parseWitnessNote, type WitnessNote } from './parse-witness-note.ts';

/** Asks a witness by its name for its newest note or that on a height; undefined where it has none (or can't be asked). */
export type AskNote = (question: {
  readonly witness: string;
  readonly height: bigint | 'latest';
}) => Promise<Uint8Array | undefined>;

/** Whom to ask, on what anchor, and who hears of witnesses whose answer is of no use. */
export interface CollectDeps {
  readonly ask: AskNote;
  readonly anchor: Pick<AnchorOf<'witnesses'>, 'chain' | 'genesis' | 'finality' | 'staleAfter'>;
  readonly onTrouble: (trouble: { readonly witness: string; readonly error: DewproofError }) => void;
}

/**
 * Collects the note on the highest block that a quorum signed: the newest of every witness, then, since some are ahead
 * of others, the heights that others are at. It asks each witness at most twice as often as there are witnesses.
 * @throws EQUIVOCATION
 */
export async function collectQuorum(deps: CollectDeps): Promise<QuorumNote | undefined> {
  const { anchor } = deps;
  const { witnesses } = anchor.finality;
  const notes = await askAll(witnesses, { ...deps, height: 'latest' });
  const newest = new Map(notes.map(({ witness, height }) => [witness, height]));
  const heights = [...new Set(newest.values())].toSorted((one, other) => (one < other ? 1 : -1));
  for (const height of heights) {
    const ahead = witnesses.filter(({ name }) => (newest.get(name) ?? -1n) > height);
    notes.push(...(await askAll(ahead, { ...deps, height })));
    const found = gatherNotes(notes, { anchor });
    if (!found) continue;
    for (const liar of findLiars(notes, { quorum: found, ...anchor })) deps.onTrouble(liar);
    // Heights descend: what has a quorum here is the highest that has one.
    return found;
  }
  return undefined;
}

async function askAll(
  witnesses: readonly Witness[],
  deps: CollectDeps & { readonly height: bigint | 'latest' },
): Promise<WitnessNote[]> {
  const notes = await Promise.all(witnesses.map((witness) => askOne(witness, deps)));
  return notes.flatMap((note) => note ?? []);
}

async function askOne(
  witness: Witness,
  { ask, anchor, height, onTrouble }: CollectDeps & { readonly height: bigint | 'latest' },
): Promise<WitnessNote | undefined> {
  try {
    const bytes = await ask({ witness: witness.name, height });
    const note = bytes && parseWitnessNote(bytes, { witness, chain: anchor.chain, genesis: anchor.genesis });
    if (!note || height === 'latest' || note.height === height) return note;
    throw refuseProof('note-body', `${witness.name} was asked for block ${height} and answers with ${note.height}`);
  } catch (error) {
    if (!hasCode(error)) throw error;
    onTrouble({ witness: witness.name, error });
    return undefined;
  }
}
