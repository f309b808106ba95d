import { connect } from 'node:net';
import { timed } from './statistics.ts';

const PIPELINED = 16;

/**
 * Requests a second that a server answers to `connections` that ask `PIPELINED` at a time. It counts bytes and parses
 * nothing, so that the server is what is measured: a client that parses costs more than node:http does.
 */
export async function flood(url: string, { requests, connections }: { requests: number; connections: number }) {
  const { hostname, port, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`;
  const size = await ask({ hostname, port: Number(port), request, rounds: 1, pipelined: 1, size: undefined });
  const rounds = Math.ceil(requests / connections / PIPELINED);
  const { ms } = await timed(() =>
    Promise.all(
      Array.from({ length: connections }, () =>
        ask({ hostname, port: Number(port), request, rounds, pipelined: PIPELINED, size }),
      ),
    ),
  );
  return (rounds * PIPELINED * connections * 1000) / ms;
}

interface Asking {
  readonly hostname: string;
  readonly port: number;
  readonly request: string;
  readonly rounds: number;
  readonly pipelined: number;
  /** Of a whole answer, where it is known. */
  readonly size: number | undefined;
}

/** Asks over one connection; answers how many bytes an answer has. @throws Error where it ends early */
async function ask({ hostname, port, request, rounds, pipelined, size }: Asking): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect(port, hostname);
  const batch = request.repeat(pipelined);
  let expected = size === undefined ? undefined : size * pipelined;
  let received = 0;
  let left = rounds;
  socket.on('error', reject);
  socket.on('close', () => {
    reject(new Error('the server closed the connection'));
  });
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    expected ??= sizeOf(chunk);
    if (received < expected) return;
    received -= expected;
    left -= 1;
    if (left > 0) {
      socket.write(batch);
      return;
    }
    socket.removeAllListeners('close');
    socket.destroy();
    resolve(expected);
  });
  socket.write(batch);
  return promise;
}

/** A whole answer's bytes, from its headers. */
function sizeOf(beginning: Buffer): number {
  const text = beginning.toString('latin1');
  const [, length = ''] = /content-length: (\d+)/i.exec(text) ?? [];
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`the server answered ${text.slice(0, 40)}`);
  return text.indexOf('\r\n\r\n') + 4 + Number(length);
}
