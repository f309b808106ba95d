import { StringDecoder } from 'node:string_decoder';
import { Client } from 'undici';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { parseProblem } from '../../core/wire/problem.ts';
import { fetchCapped } from '../http/fetch-capped.ts';
import { controlSocketPath } from './socket-path.ts';

const MAX_ANSWER_BYTES = 16_777_216;
const MAX_LINE_CHARACTERS = 1_048_576;

/** One command for the daemon of a data folder; `timeoutMs` defaults to 30,000. */
export interface ControlCall {
  readonly folder: string;
  readonly command: string;
  readonly input?: unknown;
  readonly timeoutMs?: number;
}

/**
 * Has the daemon of `folder` run a command; answers its JSON.
 * @throws DAEMON_UNAVAILABLE, CONFIG (path too long), and the daemon's own codes
 */
export async function callDaemon({ folder, command, input, timeoutMs = 30_000 }: ControlCall): Promise<unknown> {
  const dispatcher = new Client('http://daemon', { socketPath: controlSocketPath(folder) });
  try {
    const response = await fetchCapped(`http://daemon/v1/${encodeURIComponent(command)}`, {
      method: 'POST',
      body: Buffer.from(input === undefined ? '' : JSON.stringify(input)),
      maxBytes: MAX_ANSWER_BYTES,
      minBytesPerSecond: 1,
      totalMs: timeoutMs,
      unavailable: 'DAEMON_UNAVAILABLE',
      dispatcher,
    });
    const answer: unknown = JSON.parse(Buffer.from(response.body).toString());
    if (response.status === 200) return answer;
    throw problemError(answer);
  } catch (error) {
    throw error instanceof SyntaxError ? new DewproofError('INTERNAL', 'The daemon answered no JSON.') : error;
  } finally {
    await dispatcher.destroy();
  }
}

/**
 * Has the daemon of `folder` run a stream; answers the JSON of each line as it comes, until the daemon ends it or
 * `signal` aborts, which is an end like any other.
 * @throws DAEMON_UNAVAILABLE (also where the daemon dies meanwhile), CONFIG (path too long), and the daemon's own codes
 */
export async function* followDaemon(
  { folder, command, input }: Omit<ControlCall, 'timeoutMs'>,
  signal: AbortSignal,
): AsyncGenerator {
  // A log may be silent for as long as it likes.
  const dispatcher = new Client('http://daemon', {
    socketPath: controlSocketPath(folder),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const { statusCode, body } = await dispatcher.request({
      method: 'POST',
      path: `/v1/${encodeURIComponent(command)}`,
      body: input === undefined ? '' : JSON.stringify(input),
      signal,
    });
    for await (const line of linesOf(body)) {
      const item: unknown = JSON.parse(line);
      if (statusCode !== 200) throw problemError(item);
      yield item;
    }
  } catch (error) {
    if (!signal.aborted) throw streamError(error);
  } finally {
    await dispatcher.destroy();
  }
}

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of body) {
    const lines = `${rest}${decoder.write(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_CHARACTERS) throw new DewproofError('ENDLESS_DATA', 'The daemon sends an endless line.');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function problemError(answer: unknown): DewproofError {
  const { code, detail } = parseProblem(answer);
  return new DewproofError(code, detail);
}

function streamError(error: unknown): unknown {
  if (hasCode(error)) return error;
  if (error instanceof SyntaxError) return new DewproofError('INTERNAL', 'The daemon answered no JSON.');
  return new DewproofError('DAEMON_UNAVAILABLE', 'The daemon is not there, or not any more; see whether it runs.', {
    cause: error,
  });
}
