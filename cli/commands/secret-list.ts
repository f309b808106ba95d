import type { Command } from 'commander';
import type { Name } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';
import { resourceOption } from '../policy/policy-options.ts';

/** Options of `dewproof secret list`. */
export interface SecretListOptions extends GlobalOptions {
  readonly resource?: Name;
}

/** `dewproof secret list`. */
export function addSecretList(secret: Command): void {
  const command = secret
    .command('list')
    .summary('show which secrets are set, never their values')
    .description(
      `Show the secrets that the home's dews have, their versions, who set them, and how many devices have a copy or lack
one. It says nothing of the values.`,
    )
    .addOption(resourceOption())
    .action(async (_, self: Command) => {
      const { listSecrets } = await import('../actions/secret-list.ts');
      await listSecrets(optionsOf<SecretListOptions>(self));
    });
  addExamples(command, [['Of one resource', 'dewproof secret list --resource barn-climate']]);
}
