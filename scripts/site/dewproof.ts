import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { DewproofError } from '../../core/errors.ts';

/** The command-line tool's entry file. */
export const cliFile = resolve(import.meta.dirname, '../../cli/main.ts');

/** What a run of `dewproof` left behind. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dewproof` with `args` as its user would, and returns whatever it answers. */
export async function tryDewproof(args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [cliFile, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((done, fail) => child.once('close', done).once('error', fail));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { exitCode, stdout, stderr };
}

/** Runs `dewproof` with `args`; returns its standard output. @throws INTERNAL, with what it said, where it fails */
export async function runDewproof(args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await tryDewproof(args);
  if (exitCode === 0) return stdout;
  throw new DewproofError(
    'INTERNAL',
    `dewproof ${args.join(' ')} ended with ${exitCode ?? 'a signal'}: ${stderr.trim()}`,
  );
}
