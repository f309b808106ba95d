import type { Bytes32 } from '../../core/digest.ts';
import { hasCode } from '../../core/errors.ts';
import { openWitnessClient } from './witness-client.ts';

/** A witness's note, by the name that whoever asked it knows it by. */
export interface NamedNote {
  readonly witness: string;
  readonly note: Uint8Array;
}

/**
 * Has witnesses sign a nonce, all at once and over HTTP; those that do not answer within `timeoutMs`, or not well, are
 * left out, and so are all where `signal` aborts. Nothing of what they signed is verified.
 */
export async function askNonce(
  nonce: Bytes32,
  {
    witnesses,
    signal,
    timeoutMs,
  }: {
    readonly witnesses: readonly { readonly name: string; readonly url: string }[];
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
  },
): Promise<readonly NamedNote[]> {
  const answers = await Promise.all(
    witnesses.map(async ({ name, url }): Promise<readonly NamedNote[]> => {
      try {
        return [{ witness: name, note: await openWitnessClient({ url, signal, timeoutMs }).answer(nonce) }];
      } catch (error) {
        if (!signal.aborted && !hasCode(error)) throw error;
        return [];
      }
    }),
  );
  return answers.flat();
}
