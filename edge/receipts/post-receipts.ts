import type { CallSigner } from '../../core/calls.ts';
import type { Envelope } from '../../core/receipts/envelope.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { parseReceiptsAnswer, type ReceiptsAnswer } from '../../core/wire/receipts.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { bodyOfAnswer } from '../dew-answer.ts';
import { noDew } from '../no-dew.ts';

const limits = { maxBytes: 65_536, minBytesPerSecond: 256, totalMs: 30_000 } as const;

/** Hands receipts to a dew. @throws DEW_UNAVAILABLE, ENDLESS_DATA, SLOW_RETRIEVAL, SCHEMA, what the last dew refused with */
export type PostReceipts = (receipts: readonly Envelope[], signal: AbortSignal) => Promise<ReceiptsAnswer>;

/** Tries the device's dews in turn; the first that answers well counts. */
export function createPostReceipts(options: {
  readonly urls: readonly string[];
  readonly signer: CallSigner;
}): PostReceipts {
  return async (receipts, signal) => {
    const body = Buffer.from(JSON.stringify({ receipts }));
    let failure: unknown = noDew();
    for (const url of options.urls) {
      try {
        return await post(url, { body, signal, signer: options.signer });
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  };
}

async function post(
  url: string,
  { body, signal, signer }: { body: Uint8Array; signal: AbortSignal; signer: CallSigner },
): Promise<ReceiptsAnswer> {
  const target = new URL('/v1/receipts', url).href;
  const headers = { 'content-type': 'application/json' };
  const response = await fetchCapped(target, { ...limits, method: 'POST', headers, body, signer, signal });
  return parseReceiptsAnswer(parseJsonBytes(bodyOfAnswer(response, { url })));
}
