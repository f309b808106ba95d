import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { unlink } from 'node:fs/promises';
import express, { type Express, type Response } from 'express';
import { DewproofError } from '../../core/errors.ts';
import { readBody } from '../http/read-body.ts';
import { handleProblems, refuseUnknownPath } from '../http/problems.ts';
import type { Log } from '../log.ts';
import { controlSocketPath } from './socket-path.ts';

// A proof bundle of 4 MiB in base64, and some.
const MAX_COMMAND_BYTES = 6_291_456;
// Below the server's connections, so that `status` and `stop` are heard however many follow.
const MAX_STREAMS = 16;
// How long a stream that was told to end may take to reach its reader before it is cut.
const END_STREAMS_MS = 500;

/** What a daemon does for its operator: each command takes parsed JSON, which it must check, and answers JSON. */
export type ControlCommands = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

/** As a command, but answers item by item until it ends or `signal` aborts: the reader left, or the daemon stops. */
export type ControlStream = (input: unknown, signal: AbortSignal) => AsyncIterable<unknown>;

/** A running control socket. */
export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Answers `POST /v1/<command>` (JSON) and `POST /v1/<stream>` (a line of JSON each) on `<folder>/control.sock`, which only the daemon's own user can open (mode 0600).
 * @throws STORE_LOCKED (a daemon already runs there), CONFIG (path too long)
 */
export async function startControlServer(options: {
  readonly folder: string;
  readonly commands: ControlCommands;
  readonly streams?: Readonly<Record<string, ControlStream>>;
  readonly log: Log;
}): Promise<ControlServer> {
  const path = controlSocketPath(options.folder);
  const running = createRunningStreams();
  const { streams = {} } = options;
  const server = createServer({ requestTimeout: 10_000 }, controlApp({ ...options, streams, running }));
  server.maxConnections = 32;
  try {
    await listenPrivately(server, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    await removeStale(path);
    await listenPrivately(server, path);
  }
  return {
    close: async () => {
      await running.end();
      await close(server);
    },
  };
}

interface ControlApp {
  readonly commands: ControlCommands;
  readonly streams: Readonly<Record<string, ControlStream>>;
  readonly running: RunningStreams;
  readonly log: Log;
}

function controlApp({ commands, streams, running, log }: ControlApp): Express {
  const app = express();
  app.post('/v1/:command', async (request, response) => {
    const { command } = request.params;
    const stream = Object.hasOwn(streams, command) ? streams[command] : undefined;
    if (stream !== undefined) {
      const input = parseJson(await readBody(request, { maxBytes: MAX_COMMAND_BYTES, timeoutMs: 10_000 }));
      await running.send(response, (signal) => stream(input, signal));
      return;
    }
    const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (run === undefined) throw new DewproofError('NOT_FOUND', `This daemon has no command ${command}.`);
    const input = parseJson(await readBody(request, { maxBytes: MAX_COMMAND_BYTES, timeoutMs: 10_000 }));
    response.type('application/json').send(JSON.stringify((await run(input)) ?? null));
  });
  app.use(refuseUnknownPath, handleProblems(log));
  return app;
}

interface RunningStreams {
  /** Sends a stream's items, a line each, at the pace of its reader. */
  send(response: Response, open: (signal: AbortSignal) => AsyncIterable<unknown>): Promise<void>;
  /** Ends all of them in order, so that a reader can tell an end from a cut; one that does not read is cut soon. */
  end(): Promise<void>;
}

function createRunningStreams(): RunningStreams {
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    send: async (response, open) => {
      if (running.size >= MAX_STREAMS) {
        throw new DewproofError('TIMEOUT', `${MAX_STREAMS} readers follow this daemon already; end one of them.`);
      }
      const left = new AbortController();
      response.once('close', () => {
        left.abort();
      });
      const sent = sendLines(response, { open, signal: AbortSignal.any([stopping.signal, left.signal]) });
      running.add(sent);
      await sent.finally(() => running.delete(sent));
    },
    end: async () => {
      stopping.abort();
      const late = new Promise((resolve) => setTimeout(resolve, END_STREAMS_MS).unref());
      if (running.size > 0) await Promise.race([Promise.allSettled(running), late]);
    },
  };
}

async function sendLines(
  response: Response,
  { open, signal }: { open: (signal: AbortSignal) => AsyncIterable<unknown>; signal: AbortSignal },
): Promise<void> {
  response.type('application/x-ndjson');
  try {
    for await (const item of open(signal)) {
      if (signal.aborted) break;
      const isRoom = response.write(`${JSON.stringify(item)}\n`);
      if (!isRoom) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (response.destroyed) return;
  await new Promise<void>((resolve) => response.once('close', resolve).end(resolve));
}

function parseJson(body: Uint8Array): unknown {
  try {
    return body.length === 0 ? undefined : (JSON.parse(Buffer.from(body).toString()) as unknown);
  } catch (error) {
    throw new DewproofError('SCHEMA', 'The command is not JSON.', { cause: error });
  }
}

async function listenPrivately(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // `listen` binds before it returns, so the socket never exists with wider rights, as it would before a chmod.
    const usual = process.umask(0o177);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(usual);
    }
  });
}

// A killed daemon leaves its socket behind, where nothing listens any more.
async function removeStale(path: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
  if (alive) throw new DewproofError('STORE_LOCKED', `A daemon already runs here: ${path} answers. Stop it first.`);
  await unlink(path);
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
