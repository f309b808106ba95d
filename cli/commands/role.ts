import type { Command } from 'commander';
import { addRoleRemove } from './role-remove.ts';
import { addRoleSet } from './role-set.ts';

/** `dewproof role`: who is a member of which policy role. */
export function addRole(program: Command): void {
  const role = program
    .command('role')
    .summary('make accounts members of policy roles')
    .description(
      'Say on the ledger which accounts are members of a policy role. Grants for the role hold for its members.',
    );
  addRoleSet(role);
  addRoleRemove(role);
}
