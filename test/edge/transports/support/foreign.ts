import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { freePort } from '../../../../scripts/site/free-port.ts';
import { PATIENCE_MS } from '../../../support/patience.ts';
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
  const chosen = port ?? (await freePort());
  const stop = start(libcoap?.server ?? '', ['-A', '127.0.0.1', '-p', String(chosen), '-d', '8', '-e']);
  await eventually(() => coapClient(['-m', 'get', '-B', '1', `coap://127.0.0.1:${chosen}/`]));
  return { port: chosen, stop };
}

/** Runs libcoap's client and answers what it prints. */
export async function coapClient(words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(libcoap?.client ?? '', [...words], { timeout: PATIENCE_MS });
  if (stdout === '' && stderr !== '') throw new Error(stderr);
  return stdout;
}

/** Starts a few lines of Python's http.server, which get their port as first argument. */
export async function startPython(script: string, port?: number): Promise<Foreign> {
  const chosen = port ?? (await freePort());
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
