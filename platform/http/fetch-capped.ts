import { Agent, request, type Dispatcher } from 'undici';
import type { CallSigner } from '../../core/calls.ts';
import { DewproofError, hasCode, type ErrorCode } from '../../core/errors.ts';

const MAX_HEADER_BYTES = 16_384;

// Redirects are not followed (undici's `request` never does): a hostile server must not choose whom we ask.
const agent = new Agent({ maxHeaderSize: MAX_HEADER_BYTES, connectTimeout: 10_000, keepAliveMaxTimeout: 10_000 });

/** What to ask for and how long to bear with the answer. */
export interface FetchCappedOptions {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signer?: CallSigner;
  readonly maxBytes: number;
  /** Least average from the first body byte on, counted after `graceMs` (default 2,000). */
  readonly minBytesPerSecond: number;
  readonly graceMs?: number;
  /** For the whole exchange. */
  readonly totalMs: number;
  readonly signal?: AbortSignal;
  /** The code for a server that can't be reached or does not answer; default DEW_UNAVAILABLE. */
  readonly unavailable?: ErrorCode;
  readonly dispatcher?: Dispatcher;
}

/** An answer of any status, whole; header names in lower case. */
export interface CappedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Asks a server that may be hostile: memory stays below `maxBytes` and time below `totalMs`, whatever it sends.
 * @throws ENDLESS_DATA, SLOW_RETRIEVAL, `unavailable` (DEW_UNAVAILABLE), and `signal`'s reason where it aborts
 */
export async function fetchCapped(url: string, options: FetchCappedOptions): Promise<CappedResponse> {
  const exchange = { answered: false, deadline: new AbortController() };
  const timer = setTimeout(() => {
    const tooSlow = slow(`it took longer than ${options.totalMs} ms`);
    exchange.deadline.abort(exchange.answered ? tooSlow : unavailable(url, options, tooSlow));
  }, options.totalMs);
  try {
    const response = await send(url, options, exchange.deadline.signal);
    exchange.answered = true;
    return await readResponse(response, options);
  } catch (error) {
    throw fetchError(error, url, options);
  } finally {
    clearTimeout(timer);
  }
}

async function send(url: string, options: FetchCappedOptions, deadline: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { href } = new URL(url);
  const { method = 'GET', body, dispatcher = agent } = options;
  const headers = { 'accept-encoding': 'identity', ...options.headers };
  const signature = await options.signer?.sign({ method, url: href, headers, body });
  return request(href, {
    method,
    headers: { ...headers, ...signature },
    body: body ?? null,
    signal: options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]),
    dispatcher,
    headersTimeout: options.totalMs,
    bodyTimeout: options.totalMs,
  });
}

async function readResponse(response: Dispatcher.ResponseData, options: FetchCappedOptions): Promise<CappedResponse> {
  const headers = plainHeaders(response.headers);
  return { status: response.statusCode, headers, body: await readCapped(response, options) };
}

async function readCapped(response: Dispatcher.ResponseData, options: FetchCappedOptions): Promise<Uint8Array> {
  const { maxBytes, minBytesPerSecond, graceMs = 2000 } = options;
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
    response.body.destroy();
    throw endless(maxBytes);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const begin = performance.now();
  const pace = setInterval(
    () => {
      const seconds = (performance.now() - begin - graceMs) / 1000;
      if (bytes < seconds * minBytesPerSecond) {
        response.body.destroy(slow(`it sent less than ${minBytesPerSecond} bytes per second`));
      }
    },
    Math.min(1000, Math.max(50, graceMs / 4)),
  );
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw endless(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearInterval(pace);
  }
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
    ),
  );
}

function endless(maxBytes: number): DewproofError {
  return new DewproofError('ENDLESS_DATA', `The server sent more than ${maxBytes} bytes: ask another one.`);
}

function slow(why: string): DewproofError {
  return new DewproofError('SLOW_RETRIEVAL', `The server was too slow (${why}): ask another one.`);
}

function unavailable(url: string, options: FetchCappedOptions, cause: unknown): DewproofError {
  const message = `No answer from ${new URL(url).origin}: check that it runs and can be reached.`;
  return new DewproofError(options.unavailable ?? 'DEW_UNAVAILABLE', message, { cause });
}

function fetchError(error: unknown, url: string, options: FetchCappedOptions): unknown {
  if (hasCode(error) || options.signal?.aborted === true) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'UND_ERR_HEADERS_OVERFLOW' ? endless(MAX_HEADER_BYTES) : unavailable(url, options, error);
}
