import { Option, type Command } from 'commander';
import type { Account } from '../../core/account.ts';
import type { Name } from '../../core/ids.ts';
import type { Action } from '../../core/policy.ts';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';
import { accountOption, actionsOption, resourceOption } from '../policy/policy-options.ts';

/** Options of `dewproof policy check`. */
export interface CheckOptions extends GlobalOptions {
  readonly resource: Name;
  readonly account?: Account;
  readonly anyone?: boolean;
  readonly actions: readonly Action[];
}

/** `dewproof policy check`. */
export function addPolicyCheck(policy: Command): void {
  const command = policy
    .command('check')
    .summary('ask whether a caller would be let in, and why')
    .description(
      `Answer, by the same rule as devices, whether the ledger's grants let a caller in, and why. It needs no key.
Exit code 77 where any of the actions is refused.`,
    )
    .addOption(resourceOption().makeOptionMandatory())
    .addOption(accountOption().conflicts('anyone'))
    .addOption(new Option('--anyone', 'a caller that does not sign'))
    .addOption(actionsOption())
    .action(async (_, self: Command) => {
      const { check } = await import('../actions/policy-check.ts');
      await check(optionsOf<CheckOptions>(self));
    });
  addExamples(command, [
    [
      'May this account read and write?',
      'dewproof policy check --resource barn-climate --account 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --actions read,write',
    ],
  ]);
}
