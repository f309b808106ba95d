import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { killAfterUs } from '../../scripts/site/kill-after-us.ts';

const main = resolve(import.meta.dirname, '../../cli/main.ts');

/** What a daemon says when it serves. */
interface Ready {
  readonly ready: true;
  readonly url: string;
  readonly mqttUrl: string;
  readonly account: string;
}

/** A `dewproof … start` that serves. */
export interface StartedDaemon extends Ready {
  readonly child: ChildProcess;
  /** Its log so far. */
  said(): string;
  /** Sends a signal and answers the exit code (or the signal's name) once it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** Starts `dewproof` with `words`, and more in its environment, without waiting for anything. */
export function spawnDewproof(words: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [main, ...words], { stdio: [...stdio], env: { ...process.env, ...env } });
  // Also where a test fails: no daemon outlives its tests.
  void killAfterUs(child, { isGroup: false });
  return child;
}

/** Starts a daemon and waits for its line on stdout. @throws with what it said on stderr, where it ends instead */
export async function startDaemon(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<StartedDaemon> {
  const child = spawnDewproof(words, env);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  if (!child.stdout) throw new TypeError('standard output must be a pipe');
  const { promise, resolve: done, reject } = Promise.withResolvers<Ready>();
  createInterface({ input: child.stdout }).once('line', (line) => {
    done(JSON.parse(line) as Ready);
  });
  child.once('exit', (code) => {
    reject(new Error(`dewproof ${words.join(' ')} ended with ${code ?? 'a signal'}: ${said}`));
  });
  return { ...(await promise), child, said: () => said, stop: (signal = 'SIGTERM') => stop(child, signal) };
}

/** Sends a signal and waits for the end. */
async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.kill(signal);
  const [code, by] = await exited;
  return code ?? by;
}
