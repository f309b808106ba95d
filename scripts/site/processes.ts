import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DewproofError } from '../../core/errors.ts';
import { killAfterUs } from './kill-after-us.ts';

/** A child process of the site, its output kept in a log file. */
export interface SiteProcess {
  readonly name: string;
  readonly pid: number;
  /** Ends it and waits until it is gone; `SIGKILL` after `graceMs` without an answer. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const graceMs = 5_000;
const readyTimeoutMs = 90_000;

/**
 * Starts a process and waits for a line of its standard output that `isReady` accepts; that line is returned.
 * @throws TIMEOUT, INTERNAL (it ended before it was ready), each naming the log file
 */
export async function startProcess(options: {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly isReady: (line: string) => boolean;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<{ process: SiteProcess; line: string }> {
  const { name, command, args, logFile } = options;
  // A group of its own: Ctrl-C in the terminal reaches only the site, which then stops its children in order.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: options.env });
  const unguarded = killAfterUs(child, { isGroup: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const process = {
    name,
    pid: child.pid ?? 0,
    stop: async (signal?: NodeJS.Signals) => {
      await stopProcess(child, signal ?? 'SIGTERM');
      await unguarded;
    },
  };
  try {
    return { process, line: await readyLine(child, options) };
  } catch (error) {
    await process.stop('SIGKILL');
    throw error;
  }
}

async function readyLine(
  child: ChildProcess,
  options: { name: string; logFile: string; isReady: (line: string) => boolean },
): Promise<string> {
  const { name, logFile, isReady } = options;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DewproofError('TIMEOUT', `${name} was not ready after ${readyTimeoutMs / 1000} s; see ${logFile}.`));
    }, readyTimeoutMs);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    if (!child.stdout) throw new TypeError('standard output must be a pipe');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (isReady(line))
        settle(() => {
          resolve(line);
        });
    });
    child.once('error', (error) => {
      settle(() => {
        reject(error);
      });
    });
    child.once('exit', (code, signal) => {
      settle(() => {
        reject(
          new DewproofError(
            'INTERNAL',
            `${name} ended (${code ?? signal ?? 'unknown'}) before it was ready; see ${logFile}.`,
          ),
        );
      });
    });
  });
}

async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  signalGroup(child.pid, signal);
  const timer = setTimeout(() => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  }, graceMs);
  await gone;
  clearTimeout(timer);
}

/** Hardhat runs its node in a child of its own: the whole group must go. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
