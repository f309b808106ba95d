import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { linkSignals } from '../link-signals.ts';

/** One JSON-RPC request and the shape its answer must have. */
export interface RpcRequest<T> {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly answer: z.ZodType<T>;
  readonly signal?: AbortSignal | undefined;
}

/** Asks one node over HTTP JSON-RPC; nothing is cached, since a cached answer proves nothing of the chain now. */
export interface Rpc {
  /**
   * @throws LEDGER_UNAVAILABLE (no answer in time, an answer too large or of another shape, or the node refused: then
   * `refusalOf` tells how); what `signal` aborts ends with its reason
   */
  call<T>(request: RpcRequest<T>): Promise<T>;
  readonly url: string;
}

/** A JSON-RPC error object that the node answered with (JSON-RPC 2.0, section 5.1). */
export class RpcRefusal extends Error {
  override readonly name = 'RpcRefusal';
  readonly rpcCode: number;
  /** `0x` hexadecimal revert data, where the node gave some. */
  readonly data: string | undefined;

  constructor(code: number, message: string, data: string | undefined) {
    super(message);
    this.rpcCode = code;
    this.data = data;
  }
}

/** What the node said, where `error` is a refusal and not a failure of the connection. */
export function refusalOf(error: unknown): RpcRefusal | undefined {
  return error instanceof DewproofError && error.cause instanceof RpcRefusal ? error.cause : undefined;
}

/** Whether the node was there and did something, so that asking it for less may help. */
export function didAnswer(error: unknown): boolean {
  return error instanceof DewproofError && (error.cause instanceof RpcRefusal || error.cause instanceof TooMuch);
}

/** An answer that was cut off, being too large or too slow. */
class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

const revertData = z.string().regex(/^0x[0-9a-fA-F]*$/);
const errorSchema = z.object({
  code: z.number(),
  message: z.string().transform((text) => text.slice(0, 500)),
  // geth, Besu and anvil answer the bytes; Hardhat before 3 wraps them.
  data: z
    .union([revertData, z.object({ data: revertData }).transform(({ data }) => data)])
    .optional()
    .catch(undefined),
});
const envelopeSchema = z.union([
  z.object({ jsonrpc: z.literal('2.0'), error: errorSchema }),
  z.object({ jsonrpc: z.literal('2.0'), id: z.int(), result: z.unknown() }),
]);

/**
 * Opens a client for the node at `url` (http or https, a user and password in it become Basic credentials); it
 * connects with the first call, and answers none any more once `signal` aborts.
 * @throws CONFIG
 */
export function openRpc({
  url,
  signal: life,
  timeoutMs = REQUEST_TIMEOUT_MS,
  maxAnswerBytes = MAX_ANSWER_BYTES,
}: {
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxAnswerBytes?: number | undefined;
}): Rpc {
  const target = parseTarget(url);
  let lastId = 0;
  return {
    url: target.shown,
    call: async (request) => {
      const id = ++lastId;
      const reply = await post({ target, id, request, life, timeoutMs, maxAnswerBytes });
      return parseAnswer({ reply, id, request, target });
    },
  };
}

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Without path and credentials, which may be secrets. */
  readonly shown: string;
}

function parseTarget(text: string): Target {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new DewproofError('CONFIG', 'The URL of a node begins with http:// or https://; correct it.');
  }
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (url.username) {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
    url.username = url.password = '';
  }
  return { url: url.href, headers, shown: url.origin };
}

interface Post<T> {
  readonly target: Target;
  readonly id: number;
  readonly request: RpcRequest<T>;
  readonly life: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

async function post<T>({ target, id, request, life, timeoutMs, maxAnswerBytes }: Post<T>): Promise<Reply> {
  const { method, params, signal } = request;
  const linked = linkSignals({
    sources: [signal, life],
    timeoutMs,
    timeoutReason: new TooMuch(`no answer within ${timeoutMs} ms`),
  });
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: target.headers,
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      redirect: 'error',
      signal: linked.signal,
    });
    return { status: response.status, body: await readCapped(response, maxAnswerBytes) };
  } catch (error) {
    signal?.throwIfAborted();
    life?.throwIfAborted();
    throw unavailable({ target, what: reasonOf(error), cause: error });
  } finally {
    linked.release();
  }
}

async function readCapped(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop closes the connection; the bytes are counted after decompression.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new TooMuch(`its answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function parseAnswer<T>({
  reply,
  id,
  request,
  target,
}: Pick<Post<T>, 'id' | 'request' | 'target'> & { readonly reply: Reply }): T {
  const envelope = envelopeSchema.safeParse(parseJson(reply.body)).data;
  if (!envelope) {
    throw unavailable({ target, what: `its answer to ${request.method} (HTTP ${reply.status}) is no JSON-RPC` });
  }
  if ('error' in envelope) {
    const { code, message, data } = envelope.error;
    const cause = new RpcRefusal(code, message, data);
    throw unavailable({ target, what: `it refuses ${request.method}: ${message}`, cause });
  }
  const answer = request.answer.safeParse(envelope.result);
  if (envelope.id === id && answer.success) return answer.data;
  throw unavailable({ target, what: `its answer to ${request.method} makes no sense`, cause: answer.error });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function unavailable({
  target,
  what,
  cause,
}: {
  readonly target: Target;
  readonly what: string;
  readonly cause?: unknown;
}): DewproofError {
  return new DewproofError(
    'LEDGER_UNAVAILABLE',
    `The node at ${target.shown} is of no use: ${what}. Check that it runs and that the URL is right.`,
    { cause },
  );
}

/** `fetch` hides the reason (ECONNREFUSED…) in its error's cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  const reason = cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : 'unknown');
  return typeof reason === 'string' ? reason : 'unknown';
}
