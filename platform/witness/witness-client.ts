import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { parseProblem } from '../../core/wire/problem.ts';
import { fetchCapped, type CappedResponse } from '../http/fetch-capped.ts';

/** As large as a checker lets a note be. */
const LIMITS = { maxBytes: 16_384, minBytesPerSecond: 256 };

/** Asks one witness over HTTP; its answers are verified by whoever asks. */
export interface WitnessClient {
  /** The note on one height or the newest; undefined where the witness does not keep it. @throws as `fetchCapped`, and the witness's own refusals */
  note(height: bigint | 'latest'): Promise<Uint8Array | undefined>;
  /** The witness's note on a nonce of 32 bytes. @throws as `note` */
  answer(nonce: Bytes32): Promise<Uint8Array>;
}

/** Opens a client for the witness at `url` (no slash at its end); nothing is asked yet. */
export function openWitnessClient({
  url,
  signal,
  timeoutMs = 10_000,
}: {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** For a whole exchange; default 10,000. */
  readonly timeoutMs?: number;
}): WitnessClient {
  const limits = { ...LIMITS, totalMs: timeoutMs, ...(signal && { signal }) };
  return {
    note: async (height) => {
      const answer = await fetchCapped(`${url}/v1/notes/${height}`, limits);
      return answer.status === 404 ? undefined : bodyOf(answer);
    },
    answer: async (nonce) =>
      bodyOf(
        await fetchCapped(`${url}/v1/nonces`, {
          ...limits,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify({ nonce })),
        }),
      ),
  };
}

function bodyOf({ status, body }: CappedResponse): Uint8Array {
  if (status === 200) return body;
  const { code, detail } = parseProblem(parseJson(body));
  throw new DewproofError(code, detail);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
