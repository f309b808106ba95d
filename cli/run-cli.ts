import { createProgram } from './program.ts';
import { runReporting } from './run-reporting.ts';

/** Runs one command line (without node's own two words), as `runReporting` does. */
export async function runCli(words: readonly string[]): Promise<void> {
  await runReporting(() => createProgram().parseAsync([...words], { from: 'user' }));
}
