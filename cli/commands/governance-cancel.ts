import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { listArgument, optionsOf, type GlobalOptions } from '../options.ts';
import { parseOperationPrefix } from './governance-execute.ts';

/** Options of `dewproof governance cancel`. */
export interface CancelOptions extends GlobalOptions {
  readonly yes?: boolean;
}

/** `dewproof governance cancel`. */
export function addGovernanceCancel(governance: Command): void {
  const command = governance
    .command('cancel')
    .summary('stop what waits, as guardian')
    .description(
      `Stop changes that wait, all of them or none: as guardian, as admin, or as the account that scheduled them. What
was cancelled can only be scheduled anew, and waits anew.`,
    )
    .argument('<id...>', 'ids of what waits', listArgument(parseOperationPrefix))
    .option('-y, --yes', 'do not ask')
    .action(async (ids: readonly string[], _, self: Command) => {
      const { cancelOperations } = await import('../actions/governance.ts');
      await cancelOperations(ids, optionsOf<CancelOptions>(self));
    });
  addExamples(command, [['What should not happen', 'dewproof governance cancel 0x3f0c91d2 --yes']]);
}
