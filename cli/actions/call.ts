import { MAX_DOCUMENT_BYTES } from '../../core/document/limits.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import type { CallOptions } from '../commands/call.ts';
import { problemError } from '../dew/problem-error.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { openCallSigner, openSession, openSessionAccount } from '../session.ts';

const limits = { maxBytes: 67_108_864, minBytesPerSecond: 1, totalMs: 60_000 };

/**
 * Calls `url` as the home's account (or as nobody) and writes the answer's body to stdout as it is.
 * @throws DEW_UNAVAILABLE, and the code that the server answers with
 */
export async function callUrl(url: string, options: CallOptions): Promise<void> {
  const { method } = options;
  const signer = options.anonymous ? undefined : await openSigner(options);
  const body = options.data === undefined ? undefined : await readBody(options.data);
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetchCapped(url, {
    ...limits,
    method,
    headers,
    ...(body !== undefined && { body }),
    ...(signer !== undefined && { signer }),
  });
  if (response.status < 200 || response.status > 299) throw problemError(response, new URL(url).origin);
  process.stdout.write(response.body);
  if (process.stdout.isTTY) process.stdout.write('\n');
}

async function openSigner(options: CallOptions) {
  const session = await openSession(options);
  return openCallSigner(session, await openSessionAccount(session, options));
}

async function readBody(data: string): Promise<Uint8Array> {
  return data.startsWith('@') ? readNamedFile(data.slice(1), { maxBytes: MAX_DOCUMENT_BYTES }) : Buffer.from(data);
}
