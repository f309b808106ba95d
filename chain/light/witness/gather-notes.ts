import { DewproofError } from '../../../core/errors.ts';
import type { AnchorOf } from '../../../core/state/anchor.ts';
import { quorumOf } from '../../../core/state/quorum.ts';
import { noteBody, type NotedBlock } from './note-body.ts';
import type { WitnessNote } from './parse-witness-note.ts';
import { verifyNote } from './verify-note.ts';

/** A block and the note by which a quorum vouches for it, as bundles carry it. */
export interface QuorumNote extends NotedBlock {
  readonly note: Uint8Array;
  readonly signers: readonly string[];
  /** Unix seconds. */
  readonly attestedAt: bigint;
}

/**
 * Gathers verified notes of single witnesses into the note of the highest block that a quorum of the anchor's witnesses
 * signed; undefined where there is none. Of several notes of a witness on one block the latest counts.
 * @throws EQUIVOCATION where quorums signed two blocks of one height: then nothing is to be believed of either
 */
export function gatherNotes(
  notes: readonly WitnessNote[],
  { anchor }: { readonly anchor: Pick<AnchorOf<'witnesses'>, 'chain' | 'genesis' | 'finality'> },
): QuorumNote | undefined {
  const { witnesses } = anchor.finality;
  const blocks = Map.groupBy(notes, ({ height, hash }) => `${height} ${hash}`);
  const signed = [...blocks.values()]
    .map((all) => latestOfEach(all))
    .filter((byWitness) => witnesses.filter(({ name }) => byWitness.has(name)).length >= quorumOf(witnesses.length))
    .flatMap((byWitness) => mergeNotes(byWitness, { anchor }));
  for (const [height, rivals] of Map.groupBy(signed, (one) => one.height)) {
    if (rivals.length > 1) throw splitAt(height, { rivals });
  }
  return signed.toSorted((one, other) => (one.height < other.height ? 1 : -1))[0];
}

function latestOfEach(notes: readonly WitnessNote[]): ReadonlyMap<string, WitnessNote> {
  const ascending = notes.toSorted((one, other) => (one.signedAt < other.signedAt ? -1 : 1));
  return new Map(ascending.map((note) => [note.witness, note]));
}

function mergeNotes(
  byWitness: ReadonlyMap<string, WitnessNote>,
  { anchor }: Parameters<typeof gatherNotes>[1],
): readonly QuorumNote[] {
  const { chain, genesis, finality } = anchor;
  const lines = finality.witnesses.flatMap(({ name }) => byWitness.get(name) ?? []);
  const [first] = lines;
  if (!first) return [];
  const block = { chain, genesis, height: first.height, hash: first.hash };
  const body = noteBody(block);
  const note = Buffer.from(`${body}\n${lines.map(({ line }) => line).join('')}`, 'utf8');
  return [{ ...block, note, ...verifyNote({ note, body }, finality) }];
}

function splitAt(height: bigint, { rivals }: { readonly rivals: readonly QuorumNote[] }): DewproofError {
  const notes = rivals.map(({ note }) => Buffer.from(note).toString('utf8'));
  return new DewproofError(
    'EQUIVOCATION',
    `Quorums of witnesses signed two blocks at height ${height}: trust no newer block until their operators explain it.`,
    { details: { height: height.toString(), notes } },
  );
}
