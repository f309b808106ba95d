import type { Command } from 'commander';
import { parseName, type Name } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';
import { resourceOption } from '../policy/policy-options.ts';

/** Options of `dewproof secret remove`. */
export interface SecretRemoveOptions extends GlobalOptions {
  readonly resource: Name;
  readonly yes?: boolean;
}

/** `dewproof secret remove`. */
export function addSecretRemove(secret: Command): void {
  const command = secret
    .command('remove')
    .summary('withdraw a secret from dews and devices')
    .description(
      `Withdraw a secret: dews drop all sealed copies, and devices theirs as soon as they hear of it. What a device has
read before it may have kept: change the value where it counts (at the weather service, say) too.`,
    )
    .argument('<name>', 'name of the secret', argument(parseName))
    .addOption(resourceOption().makeOptionMandatory())
    .option('-y, --yes', 'do not ask')
    .action(async (name: Name, _, self: Command) => {
      const { removeSecret } = await import('../actions/secret-remove.ts');
      await removeSecret(name, optionsOf<SecretRemoveOptions>(self));
    });
  addExamples(command, [['Without a question', 'dewproof secret remove api-key --resource barn-climate --yes']]);
}
