import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { unlink } from 'node:fs/promises';
import express, { type Express } from 'express';
import { DewproofError } from '../../core/errors.ts';
import { readBody } from '../http/read-body.ts';
import { handleProblems, refuseUnknownPath } from '../http/problems.ts';
import type { Log } from '../log.ts';
import { controlSocketPath } from './socket-path.ts';

const MAX_COMMAND_BYTES = 1_048_576;

/** What a daemon does for its operator: each command takes parsed JSON, which it must check, and answers JSON. */
export type ControlCommands = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

/** A running control socket. */
export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Answers `POST /v1/<command>` on `<folder>/control.sock`, which only the daemon's own user can open (mode 0600).
 * @throws STORE_LOCKED (a daemon already runs there), CONFIG (path too long)
 */
export async function startControlServer(options: {
  readonly folder: string;
  readonly commands: ControlCommands;
  readonly log: Log;
}): Promise<ControlServer> {
  const path = controlSocketPath(options.folder);
  const server = createServer({ requestTimeout: 10_000 }, controlApp(options));
  server.maxConnections = 32;
  try {
    await listenPrivately(server, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    await removeStale(path);
    await listenPrivately(server, path);
  }
  return { close: () => close(server) };
}

function controlApp({ commands, log }: { commands: ControlCommands; log: Log }): Express {
  const app = express();
  app.post('/v1/:command', async (request, response) => {
    const { command } = request.params;
    const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (run === undefined) throw new DewproofError('NOT_FOUND', `This daemon has no command ${command}.`);
    const input = parseJson(await readBody(request, { maxBytes: MAX_COMMAND_BYTES, timeoutMs: 10_000 }));
    response.type('application/json').send(JSON.stringify((await run(input)) ?? null));
  });
  app.use(refuseUnknownPath, handleProblems(log));
  return app;
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
