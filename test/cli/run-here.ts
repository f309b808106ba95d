import { vi } from 'vitest';
import { reportError } from '../../cli/output/report-error.ts';
import { createProgram } from '../../cli/program.ts';
import type { Run } from './run-dewproof.ts';

/**
 * Runs a command line within the test's own process, as `cli/main.ts` would: for tables of many runs, which would cost
 * a second each as processes. One at a time.
 */
export async function runHere(words: readonly string[]): Promise<Run> {
  const text = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      text[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
  );
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await createProgram().parseAsync([...words], { from: 'user' });
    return { ...text, exitCode: exitCodeSet(), code: undefined };
  } catch (error) {
    const exitCode = reportError(error);
    return { ...text, exitCode, code: /^dewproof: ([A-Z_]+): /m.exec(text.stderr)?.[1] };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

function exitCodeSet(): number {
  return Number(process.exitCode ?? 0);
}
