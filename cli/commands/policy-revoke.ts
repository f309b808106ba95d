import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';
import { addTargetOptions, type TargetOptions } from '../policy/policy-options.ts';

/** Options of `dewproof policy revoke`. */
export type RevokeGrantOptions = GlobalOptions & TargetOptions & { readonly yes?: boolean };

/** `dewproof policy revoke`. */
export function addPolicyRevoke(policy: Command): void {
  const command = policy
    .command('revoke')
    .summary("end a subject's grant on a resource at once")
    .description("End a subject's grant on a resource at once. Other grants that cover the subject stay.");
  addTargetOptions(command)
    .option('-y, --yes', 'do not ask')
    .action(async (_, self: Command) => {
      const { revokeGrant } = await import('../actions/policy-revoke.ts');
      await revokeGrant(optionsOf<RevokeGrantOptions>(self));
    });
  addExamples(command, [
    ['Nobody reads unsigned any more', 'dewproof policy revoke --resource barn-climate --anyone --yes'],
  ]);
}
