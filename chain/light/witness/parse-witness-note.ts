import type { Bytes32 } from '../../../core/digest.ts';
import { toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import type { Witness } from './cosignature.ts';
import { noteBody, type NotedBlock } from './note-body.ts';
import { MAX_NOTE_BYTES, verifyNote } from './verify-note.ts';

/** What one witness vouches for, and the line by which it does (with its newline). */
export interface WitnessNote extends NotedBlock {
  readonly witness: string;
  readonly line: string;
  /** Unix seconds. */
  readonly signedAt: bigint;
}

/** Parses and verifies the note of one witness on a block of the chain. @throws PROOF_INVALID, QUORUM (no signature) */
export function parseWitnessNote(
  note: Uint8Array,
  { witness, chain, genesis }: Pick<NotedBlock, 'chain' | 'genesis'> & { readonly witness: Witness },
): WitnessNote {
  if (note.length > MAX_NOTE_BYTES) throw refuseProof('note-size', 'a note is too large');
  const [, height, root] = Buffer.from(note).toString('utf8').split('\n');
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(height ?? '')) throw refuseProof('note-form', 'a note names no height');
  const hash: Bytes32 = toHex(Buffer.from(root ?? '', 'base64'));
  const block = { chain, genesis, height: BigInt(height ?? ''), hash };
  // Made again from what was read and compared whole: there is one form of each note.
  const body = noteBody(block);
  const { attestedAt } = verifyNote({ note, body }, { witnesses: [witness] });
  const line = Buffer.from(note.subarray(Buffer.byteLength(body) + 1)).toString('utf8');
  return { ...block, witness: witness.name, line, signedAt: attestedAt };
}
