import { type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { parseName, type Name } from '../../core/ids.ts';
import { expiresOption, type Expiry } from '../expiry.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof role set`. */
export interface SetMemberOptions extends GlobalOptions {
  readonly expires: Expiry;
}

/** `dewproof role set`. */
export function addRoleSet(role: Command): void {
  const command = role
    .command('set')
    .summary('make an account a member of a role until a time')
    .description('Make an account a member of a policy role until a time; repeating it changes the time.')
    .argument('<role>', 'name of the role', argument(parseName))
    .argument('<account>', 'who', argument(parseAccount))
    .addOption(expiresOption())
    .action(async (name: Name, account: Account, _, self: Command) => {
      const { setMember } = await import('../actions/role-set.ts');
      await setMember({ name, account }, optionsOf<SetMemberOptions>(self));
    });
  addExamples(command, [
    ['A grower for the season', 'dewproof role set grower 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --expires 90d'],
  ]);
}
