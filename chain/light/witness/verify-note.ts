import { createPublicKey, verify } from 'node:crypto';
import { sameBytes } from '../hex.ts';
import { verifyQuorum } from '../qbft/verify-seals.ts';
import { refuseProof } from '../refuse.ts';
import { cosignedMessage, keyIdOf, type Witness } from './cosignature.ts';

/** Larger than the signatures of 64 witnesses with the longest names. */
export const MAX_NOTE_BYTES = 16 * 1024;

const LINE = /^— ([a-z0-9./-]{1,63}) ([A-Za-z0-9+/]{102}==)$/u;
/** Ed25519's SubjectPublicKeyInfo up to the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Key id, time and signature. */
const COSIGNATURE_BYTES = 4 + 8 + 64;

/**
 * Verifies a signed note over `body`: signature lines of ceil(2N/3) or more different witnesses of the anchor, in the
 * anchor's order, each valid, and nothing else. The time they vouch for is one that at least one honest witness did not
 * exceed: with f = N - quorum liars among them, the one after the f latest.
 * @throws PROOF_INVALID, QUORUM
 */
export function verifyNote(
  { note, body }: { readonly note: Uint8Array; readonly body: string },
  { witnesses }: { readonly witnesses: readonly Witness[] },
): { readonly signers: readonly string[]; readonly attestedAt: bigint } {
  const lines = signatureLines(note, body);
  verifyQuorum(lines.length, witnesses);
  let last = -1;
  const times: bigint[] = [];
  const signers: string[] = [];
  for (const line of lines) {
    const { name, bytes } = parseLine(line);
    const index = witnesses.findIndex((one) => one.name === name);
    const witness = witnesses[index];
    if (!witness) throw refuseProof('note-stranger', `${name} is no witness of the anchor`);
    if (index <= last)
      throw refuseProof('note-order', 'witnesses signed twice, or stand in another order than the anchor’s');
    last = index;
    times.push(verifyLine({ bytes, body }, witness));
    signers.push(name);
  }
  return { signers, attestedAt: credibleTime(times, witnesses.length) };
}

function signatureLines(note: Uint8Array, body: string): readonly string[] {
  if (note.length > MAX_NOTE_BYTES) throw refuseProof('note-size', 'a note is too large');
  const head = Buffer.from(`${body}\n`, 'utf8');
  if (!sameBytes(note.subarray(0, head.length), head)) {
    throw refuseProof('note-body', 'the note is about another block or chain');
  }
  const text = Buffer.from(note.subarray(head.length)).toString('utf8');
  if (!text.endsWith('\n')) throw refuseProof('note-form', 'the note does not end with a line');
  return text.slice(0, -1).split('\n');
}

function parseLine(line: string): { readonly name: string; readonly bytes: Buffer } {
  const [, name, encoded] = LINE.exec(line) ?? [];
  if (name === undefined || encoded === undefined) throw refuseProof('note-form', 'a line is no cosignature');
  const bytes = Buffer.from(encoded, 'base64');
  // Base64 has spare bits at its end: one form only.
  if (bytes.length !== COSIGNATURE_BYTES || bytes.toString('base64') !== encoded) {
    throw refuseProof('note-base64', 'a cosignature is not in its one form');
  }
  return { name, bytes };
}

function verifyLine({ bytes, body }: { readonly bytes: Buffer; readonly body: string }, witness: Witness): bigint {
  if (!sameBytes(bytes.subarray(0, 4), keyIdOf(witness))) {
    throw refuseProof('note-key', `${witness.name} signed with another key than the anchor's`);
  }
  const time = bytes.readBigUInt64BE(4);
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, Buffer.from(witness.publicKey.slice(2), 'hex')]),
    format: 'der',
    type: 'spki',
  });
  if (!verify(null, cosignedMessage({ body, time }), key, bytes.subarray(12))) {
    throw refuseProof('note-signature', `the signature of ${witness.name} is wrong`);
  }
  return time;
}

function credibleTime(times: readonly bigint[], members: number): bigint {
  const latestFirst = [...times].sort((one, other) => (one < other ? 1 : one > other ? -1 : 0));
  const liars = Math.floor(members / 3);
  return latestFirst[Math.min(liars, latestFirst.length - 1)] ?? 0n;
}
