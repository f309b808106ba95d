import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

export interface StatusOptions extends GlobalOptions {
  readonly data?: string;
}

/** `dewproof status`: how a running daemon is. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('ask the daemon of a data folder how it is')
    .description(
      `Ask the edge, dew or witness that runs on a data folder how it is: what it runs, and how old what it knows of the ledger is.
It goes over a socket in that folder, which only the daemon's own user can open. Exit code 69 where none runs.`,
    )
    .option('--data <folder>', "the daemon's data folder; the home's where left out")
    .action(async (_, self: Command) => {
      const { showStatus } = await import('../actions/status.ts');
      await showStatus(optionsOf<StatusOptions>(self));
    });
  addExamples(command, [
    ['The daemon of this home', 'dewproof status'],
    ['Another one, as data', 'dewproof status --data /var/lib/dewproof -o json'],
  ]);
}
