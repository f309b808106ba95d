import type { Agent } from 'undici';
import { durationMs } from '../../core/document/duration.ts';
import type { Input } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import type { Subscription } from '../bus/bus.ts';
import { MAX_PAYLOAD_BYTES } from '../payload/parse-payload.ts';
import { mediaTypes } from './media-types.ts';
import { startPolling } from './poll.ts';

/** An input that is asked for over HTTP. */
export type HttpInput = Extract<Input, { readonly http: unknown }>;

const MIN_BYTES_PER_SECOND = 1024;
const MAX_ETAG_LENGTH = 256;

/**
 * Asks a sensor over HTTP at the document's interval. Each answer is one reading, also one that says that nothing has
 * changed (304, RFC 9110 section 13.1.2): a value that stays is news too, and windows count what was heard. Redirects
 * are not followed: the document says who is asked.
 */
export function openHttpSource(
  input: HttpInput,
  { agent, deliver }: { readonly agent: Agent; readonly deliver: (message: Uint8Array) => void },
): Subscription {
  const { uri, every } = input.http;
  const accept = mediaTypes[input.payload.format].http;
  let last: { readonly etag: string; readonly body: Uint8Array } | undefined;

  async function ask({ signal, deadlineMs }: { signal: AbortSignal; deadlineMs: number }): Promise<void> {
    const known = last;
    const { status, headers, body } = await fetchCapped(uri, {
      headers: { accept, ...(known === undefined ? {} : { 'if-none-match': known.etag }) },
      maxBytes: MAX_PAYLOAD_BYTES,
      minBytesPerSecond: MIN_BYTES_PER_SECOND,
      totalMs: deadlineMs,
      unavailable: 'SENSOR_UNAVAILABLE',
      dispatcher: agent,
      signal,
    });
    signal.throwIfAborted();
    if (status === 304 && known !== undefined) {
      deliver(known.body);
      return;
    }
    last = undefined;
    if (status < 200 || status > 299) {
      throw new DewproofError('SENSOR_UNAVAILABLE', `The sensor answers ${status} instead of a value.`, {
        details: { answer: status },
      });
    }
    const { etag } = headers;
    if (status === 200 && etag !== undefined && etag.length <= MAX_ETAG_LENGTH) last = { etag, body };
    deliver(body);
  }

  return startPolling({ whom: `GET ${uri}`, everyMs: durationMs(every), ask });
}
