import { sign, type KeyObject } from 'node:crypto';
import { cosignedMessage, keyIdOf, type Witness } from './cosignature.ts';

/** A witness with its private key (Ed25519). */
export interface SigningWitness extends Witness {
  readonly privateKey: KeyObject;
}

/** One witness's signature line (with its newline) on a note's body; `time` in Unix seconds. */
export function signNote(
  { body, time }: { readonly body: string; readonly time: bigint },
  witness: SigningWitness,
): string {
  const signature = sign(null, cosignedMessage({ body, time }), witness.privateKey);
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(time);
  const bytes = Buffer.concat([keyIdOf(witness), timestamp, signature]);
  return `— ${witness.name} ${bytes.toString('base64')}\n`;
}
