import type { Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { parseName, type Name } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof role remove`. */
export interface RoleRemoveOptions extends GlobalOptions {
  readonly yes?: boolean;
}

/** `dewproof role remove`. */
export function addRoleRemove(role: Command): void {
  const command = role
    .command('remove')
    .summary("end an account's membership of a role at once")
    .description("End an account's membership of a policy role at once.")
    .argument('<role>', 'name of the role', argument(parseName))
    .argument('<account>', 'who', argument(parseAccount))
    .option('-y, --yes', 'do not ask')
    .action(async (name: Name, account: Account, _, self: Command) => {
      const { removeMember } = await import('../actions/role-remove.ts');
      await removeMember({ name, account }, optionsOf<RoleRemoveOptions>(self));
    });
  addExamples(command, [
    ['The season is over', 'dewproof role remove grower 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --yes'],
  ]);
}
