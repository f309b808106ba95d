import { createInterface, type Interface } from 'node:readline/promises';
import { DewproofError } from '../../core/errors.ts';
import { visibleText } from '../output/visible-text.ts';

/**
 * Asks at the terminal whether to go on; `assumeYes` answers for it.
 * @throws USAGE where the answer is no, or where there is no terminal to ask at
 */
export async function confirm(question: string, { assumeYes }: { readonly assumeYes: boolean }): Promise<void> {
  if (assumeYes) return;
  if (!process.stdin.isTTY) {
    throw new DewproofError('USAGE', 'There is no terminal to ask at; repeat with --yes if you are sure.');
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await ask(lines, `${visibleText(question)} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new DewproofError('USAGE', 'Not confirmed; nothing was changed.');
  } finally {
    lines.close();
  }
}

/** An interrupt is an answer too: no. */
async function ask(lines: Interface, question: string): Promise<string> {
  const interrupted = new AbortController();
  lines.once('SIGINT', () => {
    interrupted.abort();
  });
  try {
    return await lines.question(question, { signal: interrupted.signal });
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.stderr.write('\n');
    return 'n';
  }
}
