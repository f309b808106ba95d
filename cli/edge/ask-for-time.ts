import { verifyNonceNotes, type NonceAnswer } from '../../chain/light/witness/verify-nonce-notes.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { hasCode } from '../../core/errors.ts';
import type { AskNonce } from '../../core/state/ports.ts';
import { MAX_NONCE_NOTES_BYTES, parseNonceNotes } from '../../core/wire/nonce-notes.ts';
import { bodyOfAnswer } from '../../edge/dew-answer.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { askNonce } from '../../platform/witness/ask-nonce.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';

const TIMEOUT_MS = 10_000;
/** Twice what a dew takes where a witness hangs: it has the batch before this one answered first. */
const MAX_ANSWER_MS = 15_000;
const MIN_BYTES_PER_SECOND = 1024;

/**
 * Asks the anchor's witnesses for the time over HTTP: those that `witnesses` tell of, all at once, and through the dews one
 * after the other, until all of the anchor's have answered or no dew is left. A quorum does not end it: one witness that
 * lies and one dew that keeps an honest answer back would be enough for a false time, however many honest dews there are.
 */
export function askForTime({
  witnesses,
  dewUrls,
  maxAnswerMs = MAX_ANSWER_MS,
}: {
  readonly witnesses: readonly WitnessAddress[];
  readonly dewUrls: readonly string[];
  /** For a dew's whole answer; default 15,000. */
  readonly maxAnswerMs?: number;
}): AskNonce {
  return async ({ nonce, anchor, signal, onRefusal }) => {
    const names = anchor.finality.witnesses.map(({ name }) => name);
    const answers: NonceAnswer[] = [];

    async function askDirectly(): Promise<void> {
      const known = witnesses.filter(({ name }) => names.includes(name));
      answers.push(...(await askNonce(nonce, { witnesses: known, signal, timeoutMs: TIMEOUT_MS })));
    }

    function isWhole(): boolean {
      try {
        return verifyNonceNotes({ nonce, answers }, { anchor }).signers.length === names.length;
      } catch (error) {
        if (hasCode(error, 'QUORUM')) return false;
        throw error;
      }
    }

    async function askDews(): Promise<void> {
      for (const url of dewUrls) {
        if (isWhole()) return;
        try {
          answers.push(...(await askDew(url, { nonce, maxAnswerMs, signal })));
        } catch (error) {
          signal.throwIfAborted();
          if (!hasCode(error)) throw error;
          onRefusal({ url, error });
        }
      }
    }

    await Promise.all([askDirectly(), askDews()]);
    signal.throwIfAborted();
    return verifyNonceNotes({ nonce, answers }, { anchor });
  };
}

/** What witnesses told the dew at `url`. @throws as `fetchCapped`, `bodyOfAnswer` and `parseNonceNotes` */
async function askDew(
  url: string,
  {
    nonce,
    maxAnswerMs,
    signal,
  }: { readonly nonce: Bytes32; readonly maxAnswerMs: number; readonly signal: AbortSignal },
): Promise<readonly NonceAnswer[]> {
  const answer = await fetchCapped(new URL('/v1/nonces', url).href, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ nonce })),
    maxBytes: MAX_NONCE_NOTES_BYTES,
    minBytesPerSecond: MIN_BYTES_PER_SECOND,
    totalMs: maxAnswerMs,
    signal,
  });
  const { nonces: batch, notes } = parseNonceNotes(bodyOfAnswer(answer, { url }), { nonce });
  return notes.map(({ witness, note }) => ({ witness, note: Buffer.from(note), batch }));
}
