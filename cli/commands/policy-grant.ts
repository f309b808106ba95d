import type { Command } from 'commander';
import type { Action } from '../../core/policy.ts';
import { expiresOption, type Expiry } from '../expiry.ts';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';
import { actionsOption, addTargetOptions, type TargetOptions } from '../policy/policy-options.ts';

/** Options of `dewproof policy grant`. */
export interface GrantOptions extends GlobalOptions, TargetOptions {
  readonly actions: readonly Action[];
  readonly expires: Expiry;
  readonly offline?: boolean;
}

/** `dewproof policy grant`. */
export function addPolicyGrant(policy: Command): void {
  const command = policy
    .command('grant')
    .summary('allow a subject some actions on a resource')
    .description(
      `Allow a subject (an account, a role's members, or anyone) actions on a resource until a time. It replaces the
subject's grant on that resource. Write does not imply read.`,
    );
  addTargetOptions(command)
    .addOption(actionsOption())
    .addOption(expiresOption())
    .option('--offline', 'let it hold on a device that has lost the chain, until it expires')
    .action(async (_, self: Command) => {
      const { grant } = await import('../actions/policy-grant.ts');
      await grant(optionsOf<GrantOptions>(self));
    });
  addExamples(command, [
    [
      'Anyone may read the barn climate, signed or not',
      'dewproof policy grant --resource barn-climate --anyone --actions read --expires never',
    ],
    [
      'Growers may open vents this season, even with the chain out of reach',
      'dewproof policy grant --resource barn-climate --role grower --actions read,invoke --expires 90d --offline',
    ],
  ]);
}
