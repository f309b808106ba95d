import { survivePipes } from './output/survive-pipes.ts';
import { reportError } from './output/report-error.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line (without node's own two words) and sets the process's exit code; it never throws, and leaves
 * by running out of work rather than by `process.exit`, which would cut off output still on its way into a pipe.
 */
export async function runCli(words: readonly string[]): Promise<void> {
  survivePipes();
  try {
    await createProgram().parseAsync([...words], { from: 'user' });
  } catch (error) {
    const exitCode = reportError(error);
    if (exitCode !== 0) process.exitCode = exitCode;
  }
}
