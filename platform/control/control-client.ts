import { Client } from 'undici';
import { DewproofError } from '../../core/errors.ts';
import { parseProblem } from '../../core/wire/problem.ts';
import { fetchCapped } from '../http/fetch-capped.ts';
import { controlSocketPath } from './socket-path.ts';

const MAX_ANSWER_BYTES = 16_777_216;

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
    const { code, detail } = parseProblem(answer);
    throw new DewproofError(code, detail);
  } catch (error) {
    throw error instanceof SyntaxError ? new DewproofError('INTERNAL', 'The daemon answered no JSON.') : error;
  } finally {
    await dispatcher.destroy();
  }
}
