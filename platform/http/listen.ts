import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DewproofError } from '../../core/errors.ts';
import { cutSlowReaders } from './cut-slow-readers.ts';

/** Where to listen, and how much of it; port 0 is any free one. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Default 512. */
  readonly maxConnections?: number;
  /** How long the headers of a request may take; default 10,000. */
  readonly headersTimeoutMs?: number;
  /** How long a whole request may take to arrive; default 60,000. */
  readonly requestTimeoutMs?: number;
  /** How slowly an answer may leave, in bytes a second (default 1,024), after `graceMs` (default 60,000). */
  readonly slowest?: { readonly bytesPerSecond: number; readonly graceMs: number };
}

/** A running server. */
export interface Listening {
  /** `http://<host>:<port>`, to be reached from this machine. */
  readonly url: string;
  readonly port: number;
  /** Stops taking connections, lets running requests finish for `graceMs` (default 2,000), then cuts them. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Serves `app` over HTTP/1.1 with limits that slow or many clients run into before memory does (slowloris).
 * @throws PORT_IN_USE, CONFIG (no right to the port, or not an address of this machine)
 */
export async function listen(app: RequestListener, options: ListenOptions): Promise<Listening> {
  const server = createServer(limitsOf(options), app);
  server.maxConnections = options.maxConnections ?? 512;
  server.maxRequestsPerSocket = 10_000;
  // A client that stops reading its answer holds memory: cut what has been silent for long.
  server.setTimeout(120_000);
  cutSlowReaders(server, options.slowest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(listenError(error, options));
    });
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: urlOf(options.host, port), port, close: closerOf(server) };
}

function limitsOf({ headersTimeoutMs = 10_000, requestTimeoutMs = 60_000 }: ListenOptions) {
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(5000, headersTimeoutMs),
    keepAliveTimeout: 5000,
    maxHeaderSize: 16_384,
  };
}

function closerOf(server: Server): Listening['close'] {
  let closed: Promise<void> | undefined;
  return ({ graceMs = 2000 } = {}) => {
    closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => {
        server.closeAllConnections();
      }, graceMs);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      server.closeIdleConnections();
    });
    return closed;
  };
}

function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** The coded error for why a server could not listen; an error of another kind comes back unchanged. */
export function listenError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  const where = `port ${port} of ${host}`;
  if (error.code === 'EADDRINUSE') {
    return new DewproofError('PORT_IN_USE', `Another program listens on ${where}: stop it or choose another port.`);
  }
  if (error.code === 'EACCES') {
    return new DewproofError('CONFIG', `This user may not listen on ${where}: choose a port from 1024 up.`);
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new DewproofError('CONFIG', `${host} is not an address of this machine: configure one that is.`);
  }
  return error;
}
