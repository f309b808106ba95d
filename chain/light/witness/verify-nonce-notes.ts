import type { Bytes32 } from '../../../core/digest.ts';
import { hasCode, DewproofError } from '../../../core/errors.ts';
import type { AnchorOf } from '../../../core/state/anchor.ts';
import type { ToldTime } from '../../../core/state/ports.ts';
import { toHex } from '../hex.ts';
import { quorumOf } from '../../../core/state/quorum.ts';
import { batchNonce } from '../../../core/witness/batch-nonce.ts';
import { refuseProof } from '../refuse.ts';
import { nonceBody } from './nonce-body.ts';
import { MAX_NOTE_BYTES, verifyNote } from './verify-note.ts';

/** A witness's answer to a nonce, by its name. */
export interface NonceAnswer {
  readonly witness: string;
  readonly note: Uint8Array;
  /** Where a dew asked for several callers at once: the nonces of all of them, of which `batchNonce` was signed. */
  readonly batch?: readonly Bytes32[];
}

/**
 * Verifies that a quorum of the anchor's witnesses signed `nonce`, each with a block of its own, and answers when that
 * was. Answers that do not verify do not count, nor do they hide another of the same witness; of several that verify, the
 * earliest is nearest to when it was asked. Where a liar is among no more than a quorum the two ends lie apart: of one
 * honest answer and one lie nobody can tell which is which.
 * @throws QUORUM
 */
export function verifyNonceNotes(
  { nonce, answers }: { readonly nonce: Bytes32; readonly answers: readonly NonceAnswer[] },
  { anchor }: { readonly anchor: Pick<AnchorOf<'witnesses'>, 'chain' | 'genesis' | 'finality'> },
): ToldTime & { readonly signers: readonly string[] } {
  const { witnesses } = anchor.finality;
  const times = new Map<string, bigint>();
  for (const answer of answers) {
    const time = timeOf(answer, { nonce, anchor });
    if (time === undefined) continue;
    const known = times.get(answer.witness) ?? time;
    times.set(answer.witness, known < time ? known : time);
  }
  const needed = quorumOf(witnesses.length);
  if (times.size < needed) {
    throw new DewproofError(
      'QUORUM',
      `${times.size} of ${needed} witnesses answered the nonce; see to the others, and that the dews, or this home's config.yaml, know where they answer.`,
    );
  }
  const latestFirst = [...times.values()].sort((one, other) => (one < other ? 1 : one > other ? -1 : 0));
  const liars = Math.min(Math.floor(witnesses.length / 3), latestFirst.length - 1);
  const attestedAt = latestFirst[liars] ?? 0n;
  const fewestAbove = latestFirst.at(-1 - liars) ?? 0n;
  return { attestedAt, latestAt: fewestAbove > attestedAt ? fewestAbove : attestedAt, signers: [...times.keys()] };
}

function timeOf(
  { witness: name, note, batch }: NonceAnswer,
  { nonce, anchor }: Parameters<typeof verifyNonceNotes>[1] & { readonly nonce: Bytes32 },
): bigint | undefined {
  const witness = anchor.finality.witnesses.find((one) => one.name === name);
  if (!witness) return undefined;
  try {
    if (batch !== undefined && !batch.includes(nonce))
      throw refuseProof('nonce-batch', 'a note is on nonces of others');
    if (note.length > MAX_NOTE_BYTES) throw refuseProof('note-size', 'a note is too large');
    const [, height = '', root = ''] = Buffer.from(note).toString('utf8').split('\n');
    if (!/^(?:0|[1-9][0-9]{0,19})$/.test(height)) throw refuseProof('note-form', 'a note names no height');
    const { chain, genesis } = anchor;
    const hash = toHex(Buffer.from(root, 'base64'));
    const signed = batch === undefined ? nonce : batchNonce(batch);
    const body = nonceBody({ chain, genesis, height: BigInt(height), hash, nonce: signed });
    return verifyNote({ note, body }, { witnesses: [witness] }).attestedAt;
  } catch (error) {
    if (hasCode(error, 'PROOF_INVALID', 'QUORUM')) return undefined;
    throw error;
  }
}
