import { createPrivateKey, createPublicKey } from 'node:crypto';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../chain/light/hex.ts';
import { parseHeader } from '../../chain/light/qbft/header.ts';
import { noteBody } from '../../chain/light/witness/note-body.ts';
import { signNote, type SigningWitness } from '../../chain/light/witness/sign-note.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { hashOf } from './test-validators.ts';

/** Witnesses with keys of their own; the same at every run. */
export function createWitnesses(count: number): readonly SigningWitness[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = nobleCrypto.keccak256(Buffer.from(`witness ${index}`));
    const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    return { name: `witness-${index}`, publicKey: toHex(spki.subarray(-32)), privateKey };
  });
}

/** A note on a header, signed by some witnesses, each at its own time. */
export function noteOn(
  header: Uint8Array,
  {
    anchor,
    signers,
    times = [],
  }: {
    readonly anchor: Pick<Anchor, 'chain' | 'genesis'>;
    readonly signers: readonly SigningWitness[];
    readonly times?: readonly bigint[];
  },
): Uint8Array {
  const { height, time } = parseHeader(header);
  const body = noteBody({ ...anchor, height, hash: hashOf(header) });
  const lines = signers.map((witness, index) => signNote({ body, time: times[index] ?? time }, witness));
  return Buffer.from(`${body}\n${lines.join('')}`, 'utf8');
}
