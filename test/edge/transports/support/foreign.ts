import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { eventually } from '../../support/test-edge.ts';

const run = promisify(execFile);

const pathOf = (name: string) => ['/usr/bin', '/usr/local/bin'].map((folder) => `${folder}/${name}`).find(existsSync);

/** libcoap's programs (Debian's libcoap3-bin); undefined where it is not installed. */
export const libcoap = (() => {
  const [server, client] = [pathOf('coap-server-notls'), pathOf('coap-client-notls')];
  return server === undefined || client === undefined ? undefined : { server, client };
})();

/** Debian's Python; undefined where it is not installed. */
export const python = pathOf('python3');

/** A part that runs until the test ends, or is stopped before. */
export interface Foreign {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts libcoap's example server; it is ready once it answers. */
export async function startCoapServer(port?: number): Promise<Foreign> {
  const chosen = port ?? (await freeUdpPort());
  const stop = start(libcoap?.server ?? '', ['-A', '127.0.0.1', '-p', String(chosen), '-d', '8', '-e']);
  await eventually(() => coapClient(['-m', 'get', '-B', '1', `coap://127.0.0.1:${chosen}/`]));
  return { port: chosen, stop };
}

/** Runs libcoap's client and answers what it prints. */
export async function coapClient(words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(libcoap?.client ?? '', [...words], { timeout: 10_000 });
  if (stdout === '' && stderr !== '') throw new Error(stderr);
  return stdout;
}

/** Starts a few lines of Python's http.server, which get their port as first argument. */
export async function startPython(script: string, port?: number): Promise<Foreign> {
  const chosen = port ?? (await freeTcpPort());
  const stop = start(python ?? '', ['-c', script, String(chosen)]);
  await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${chosen}/ready`);
    await response.arrayBuffer();
  });
  return { port: chosen, stop };
}

function start(command: string, words: readonly string[]): Foreign['stop'] {
  const child = spawn(command, words, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => {
      resolve();
    });
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  return stop;
}

async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  const { port } = socket.address();
  await new Promise<void>((resolve) => {
    socket.close(() => {
      resolve();
    });
  });
  return port;
}
