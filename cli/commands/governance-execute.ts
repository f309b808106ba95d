import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { listArgument, optionsOf, type GlobalOptions } from '../options.ts';

/** `dewproof governance execute`. */
export function addGovernanceExecute(governance: Command): void {
  const command = governance
    .command('execute')
    .summary('carry out what waited long enough')
    .description(
      `Carry out changes that this account scheduled and whose delay is over, all of them or none. An id may be cut to
what tells it apart, at least eight digits.`,
    )
    .argument('<id...>', 'ids of what waits', listArgument(parseOperationPrefix))
    .action(async (ids: readonly string[], _, self: Command) => {
      const { executeOperations } = await import('../actions/governance.ts');
      await executeOperations(ids, optionsOf<GlobalOptions>(self));
    });
  addExamples(command, [['What `governance list` shows as ready', 'dewproof governance execute 0x3f0c91d2']]);
}

/** Parses the beginning of an operation's id, or all of it. @throws TypeError */
export function parseOperationPrefix(text: string): string {
  if (/^0x[0-9a-fA-F]{8,64}$/.test(text)) return text.toLowerCase();
  throw new TypeError('Expected an id as `dewproof governance list` shows it, 0x and at least eight digits.');
}
