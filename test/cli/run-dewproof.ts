import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const main = resolve(import.meta.dirname, '../../cli/main.ts');

/** What a run of `dewproof` left behind. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The stable code of the one line on stderr; undefined where there is none. */
  readonly code: string | undefined;
}

/** Runs the real `cli/main.ts` as its user would, without a terminal. */
export async function runDewproof(
  words: readonly string[],
  { input = '', env = {}, ...spawning }: { input?: string | Buffer; env?: Record<string, string>; uid?: number } = {},
): Promise<Run> {
  // Nothing of the machine's own settings may leak in.
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [main, ...words], { env: { PATH, HOME, ...env }, ...spawning, stdio: 'pipe' });
  // A command that never reads its input closes the pipe early.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr, code: /^dewproof: ([A-Z_]+): /m.exec(stderr)?.[1] };
}
