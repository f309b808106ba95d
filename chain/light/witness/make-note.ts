import { signNote, type SigningWitness } from './sign-note.ts';

/** A whole note of one witness: the body, an empty line, its signature; `time` in Unix seconds. */
export function makeNote(
  signed: { readonly body: string; readonly time: bigint },
  { witness }: { readonly witness: SigningWitness },
): string {
  return `${signed.body}\n${signNote(signed, witness)}`;
}
