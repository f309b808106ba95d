import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** `dewproof governance list`. */
export function addGovernanceList(governance: Command): void {
  const command = governance
    .command('list')
    .summary('show the changes that wait')
    .description(
      `Show every change that was scheduled and neither executed nor cancelled: what it does, who scheduled it, from when
on it may be executed and until when. A guardian looks here for what must not happen. It needs no key.`,
    )
    .action(async (_, self: Command) => {
      const { listOperations } = await import('../actions/governance.ts');
      await listOperations(optionsOf<GlobalOptions>(self));
    });
  addExamples(command, [
    ['What waits', 'dewproof governance list'],
    ['With whole ids, as data', 'dewproof governance list -o json'],
  ]);
}
