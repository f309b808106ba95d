import type { IncomingMessage } from 'node:http';
import { DewproofError } from '../../core/errors.ts';
import { gatherChunks } from './gather-chunks.ts';

/** How much of a request body is read, and for how long. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Default 30,000. */
  readonly timeoutMs?: number;
  /** Called before each chunk is kept; what it throws refuses the body. */
  readonly reserve?: (bytes: number) => void;
}

/**
 * Reads a request's whole body, as it is: nothing is unpacked, so there is no bomb to unpack.
 * @throws ENDLESS_DATA (too long), SLOW_RETRIEVAL (not there in time), UNSUPPORTED (content-encoding), SCHEMA (cut short)
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new DewproofError('UNSUPPORTED', 'A body with a content-encoding is not accepted: send it as it is.');
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) throw tooLong(limits.maxBytes);
  const timeoutMs = limits.timeoutMs ?? 30_000;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(new DewproofError('SLOW_RETRIEVAL', `The body did not arrive within ${timeoutMs} ms: send it faster.`));
    }, timeoutMs);
    const chunks = gatherChunks();
    let bytes = 0;
    const take = (chunk: Buffer) => {
      try {
        limits.reserve?.(chunk.length);
        bytes += chunk.length;
        if (bytes > limits.maxBytes) throw tooLong(limits.maxBytes);
        chunks.add(chunk);
      } catch (error) {
        stop();
        reject(error instanceof Error ? error : new Error('refused', { cause: error }));
      }
    };
    const finish = () => {
      stop();
      resolve(chunks.whole());
    };
    const cut = () => {
      stop();
      reject(new DewproofError('SCHEMA', 'The body was cut short: send it again.'));
    };
    // Pausing keeps what a hostile client still sends in its own buffers until the answer closes the connection.
    const stop = () => {
      clearTimeout(timer);
      request.pause().off('data', take).off('end', finish).off('error', cut).off('close', cut);
    };
    request.on('data', take).on('end', finish).on('error', cut).on('close', cut);
  });
}

function tooLong(maxBytes: number): DewproofError {
  return new DewproofError('ENDLESS_DATA', `The body is longer than the ${maxBytes} bytes that are accepted here.`);
}
