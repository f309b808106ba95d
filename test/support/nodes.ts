import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HDNodeWallet } from 'ethers/wallet';
import { openLocalAccount, type LocalAccount } from '../../chain/evm/local-account.ts';
import { freePort } from '../../scripts/site/free-port.ts';
import { killAfterUs } from '../../scripts/site/kill-after-us.ts';
import { PATIENCE_MS } from './patience.ts';

/** A development node as a child process on a port of 127.0.0.1. */
export interface DevNode {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGKILL: the node has no chance to save anything. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: the node's port stays open and nobody answers. */
  pause(): void;
  resume(): void;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const STARTUP_MS = PATIENCE_MS;
const LISTENING = /(?:Listening on|JSON-RPC server at) (?:http:\/\/)?127\.0\.0\.1:(\d+)/;

/** The package is optional: it exists for Linux on x86-64, which is where CI runs. */
function anvilBinary(): string {
  const { resolve } = createRequire(import.meta.url);
  return join(dirname(resolve('@foundry-rs/anvil-linux-amd64/package.json')), 'bin', 'anvil');
}

/** Starts anvil (0.2 s); `args` as `anvil --help` tells, `port` 0 for any free one, at which it can be started again. */
export async function startAnvil({
  args = [],
  port = 0,
}: { args?: readonly string[]; port?: number } = {}): Promise<DevNode> {
  return startNode(anvilBinary(), [
    '--host',
    '127.0.0.1',
    '--port',
    String(port === 0 ? await freePort() : port),
    ...args,
  ]);
}

/** 2023-11-14: any fixed moment of the past will do. */
const GENESIS_TIME = 1_700_000_000;

/**
 * Starts anvil with its state in `stateFile`, saved once a second. It makes a genesis block anew at every start, and
 * which one it answers with later is left to chance: a fixed time makes them all the same one. Its clock, which then
 * begins at that time again too, is set right before the first block.
 */
export async function startKeepingAnvil({
  stateFile,
  port = 0,
}: {
  stateFile: string;
  port?: number;
}): Promise<DevNode> {
  const keeping = ['--state', stateFile, '--state-interval', '1', '--timestamp', String(GENESIS_TIME)];
  const node = await startAnvil({ port, args: ['--block-time', '1', ...keeping] });
  await askNode(node, { method: 'evm_setTime', params: [Math.floor(Date.now() / 1000)] });
  return node;
}

/** Starts `hardhat node` (1 s), in `network` of hardhat.config.ts where one is named. */
export async function startHardhat({
  args = [],
  port = 0,
}: { args?: readonly string[]; port?: number } = {}): Promise<DevNode> {
  const cli = join(root, 'node_modules/hardhat/dist/src/cli.js');
  const listening = ['--hostname', '127.0.0.1', '--port', String(port === 0 ? await freePort() : port)];
  return startNode(process.execPath, [cli, 'node', ...listening, ...args]);
}

async function startNode(command: string, args: readonly string[]): Promise<DevNode> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  // Also where a test fails or vitest ends a worker early: no node outlives its tests.
  void killAfterUs(child, { isGroup: false });
  const port = await portOf(child);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    kill,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const read = (chunk: Buffer): void => {
    if (output.length > 1_000_000) return;
    output += chunk.toString();
    const port = LISTENING.exec(output)?.[1];
    if (port) resolve(Number(port));
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.once('error', reject);
  child.once('exit', (code) => {
    reject(new Error(`The node ended with ${String(code)}:\n${output.slice(-2000)}`));
  });
  const late = setTimeout(() => {
    child.kill('SIGKILL');
    reject(new Error(`The node did not listen in ${STARTUP_MS} ms:\n${output.slice(-2000)}`));
  }, STARTUP_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}

/** Account `index` of the development mnemonic, which both nodes give 10,000 coins (0 to 9; hardhat: 0 to 19). */
export function devAccount(index: number): LocalAccount {
  const wallet = HDNodeWallet.fromPhrase(
    'test test test test test test test test test test test junk',
    undefined,
    `m/44'/60'/0'/0/${index}`,
  );
  return openLocalAccount(Buffer.from(wallet.privateKey.slice(2), 'hex'));
}

/** Asks a node directly, past the adapter under test: `evm_mine`, `evm_increaseTime`, `evm_snapshot`… */
export async function askNode(
  node: { readonly url: string },
  { method, params = [] }: { readonly method: string; readonly params?: readonly unknown[] },
): Promise<unknown> {
  const response = await fetch(node.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

/** Waits until `check` answers something other than undefined or false, asking every `everyMs`; fails after `withinMs`. */
export async function until<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
  { withinMs = PATIENCE_MS, everyMs = 20 } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`Not so within ${withinMs} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
