import { reportError } from './output/report-error.ts';
import { survivePipes } from './output/survive-pipes.ts';

/**
 * Runs a command and sets the process's exit code; it never throws, and leaves by running out of work rather than by
 * `process.exit`, which would cut off output still on its way into a pipe.
 */
export async function runReporting(command: () => Promise<unknown>): Promise<void> {
  survivePipes();
  try {
    await command();
  } catch (error) {
    const exitCode = reportError(error);
    if (exitCode !== 0) process.exitCode = exitCode;
  }
}
