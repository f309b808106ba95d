import { verifyNonceNotes, type NonceAnswer } from '../../chain/light/witness/verify-nonce-notes.ts';
import { hasCode } from '../../core/errors.ts';
import type { AskNonce } from '../../core/state/ports.ts';
import { openWitnessClient } from '../../platform/witness/witness-client.ts';

const TIMEOUT_MS = 10_000;

/**
 * Asks all witnesses of an anchor that `addresses` tell of, at once and over HTTP; those that do not answer, or not well,
 * do not count.
 */
export function askWitnessesNonce(addresses: readonly { readonly name: string; readonly url: string }[]): AskNonce {
  return async ({ nonce, anchor, signal }) => {
    const { witnesses } = anchor.finality;
    const known = addresses.filter(({ name }) => witnesses.some((one) => one.name === name));
    const answers = await Promise.all(
      known.map(async ({ name, url }): Promise<readonly NonceAnswer[]> => {
        try {
          const note = await openWitnessClient({ url, signal, timeoutMs: TIMEOUT_MS }).answer(nonce);
          return [{ witness: name, note }];
        } catch (error) {
          signal.throwIfAborted();
          if (!hasCode(error)) throw error;
          return [];
        }
      }),
    );
    return verifyNonceNotes({ nonce, answers: answers.flat() }, { anchor }).attestedAt;
  };
}
