import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { spawn } from 'node:child_process';
import { copied } from './checker.ts';
import { applyMutant, type Mutant } from './find-mutants.ts';

/** The source as it is. */
export const root = resolve(import.meta.dirname, '../../..');

/** A run that takes longer hangs: that is a failure that anyone would see. */
const TIMEOUT_MS = 180_000;

/** A copy of the checker with the driver and the vectors, of which one file at a time is mutated. */
export interface CheckerCopy {
  /** The vector that fails first with `mutant` in the copy; undefined where none does. */
  run(mutant: Mutant | undefined, families: string): Promise<string | undefined>;
  remove(): void;
}

/** Copies the checker to a temporary folder. */
export function copyChecker(): CheckerCopy {
  const folder = mkdtempSync(join(tmpdir(), 'dewproof-mutants-'));
  for (const one of copied) cpSync(join(root, one), join(folder, one), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    run: async (mutant, families) => {
      if (!mutant) return runVectors(folder, families);
      const file = join(folder, mutant.file);
      const source = readFileSync(join(root, mutant.file), 'utf8');
      writeFileSync(file, applyMutant(source, mutant));
      const failed = await runVectors(folder, families);
      writeFileSync(file, source);
      return failed;
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** Runs the vectors in a process of its own, until one fails. */
async function runVectors(folder: string, families: string): Promise<string | undefined> {
  const { promise, resolve: done } = Promise.withResolvers<string | undefined>();
  const child = spawn(process.execPath, ['test/attacks/run.ts', '--first', '--begin', families], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  child.on('close', (code) => {
    const [first = ''] = output.split('\n');
    const crash = /^\w*Error.*$/m.exec(errors)?.[0] ?? 'it did not end';
    done(code === 0 ? undefined : output.includes('instead of') ? first : crash);
  });
  return promise;
}
