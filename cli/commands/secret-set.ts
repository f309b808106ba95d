import { Option, type Command } from 'commander';
import { parseName, type Name } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, parseWholeNumber, type GlobalOptions } from '../options.ts';
import { resourceOption } from '../policy/policy-options.ts';

/** Options of `dewproof secret set`. */
export interface SecretSetOptions extends GlobalOptions {
  readonly resource: Name;
  readonly group?: Name;
  readonly fromFile?: string;
  readonly asVersion?: number;
}

/** `dewproof secret set`. */
export function addSecretSet(secret: Command): void {
  const command = secret
    .command('set')
    .summary('seal a value to the devices of a resource')
    .description(
      `Seal a value to every active edge of the resource's group whose key a dew knows, and hand the sealed copies to the
dews. The value comes from stdin, from a file, or from the terminal, where it is not echoed; never from the command line,
which other users can see. One line end at its end is left out. A resource that runs gets the new value the next time it
asks for it; one that waited for it starts.`,
    )
    .argument('<name>', 'name of the secret, as in spec.secrets', argument(parseName))
    .addOption(resourceOption().makeOptionMandatory())
    .option('--from-file <file>', 'file that holds the value')
    .addOption(
      new Option('--group <name>', 'for whom, while no version of the resource is active yet').argParser(
        argument(parseName),
      ),
    )
    .addOption(
      new Option('--as-version <n>', 'version of the secret; the next one where left out').argParser(
        argument((text) => parseWholeNumber(text, { min: 1, max: 999_999_999 })),
      ),
    )
    .action(async (name: Name, _, self: Command) => {
      const { setSecret } = await import('../actions/secret-set.ts');
      await setSecret(name, optionsOf<SecretSetOptions>(self));
    });
  addExamples(command, [
    ['Typed at the terminal', 'dewproof secret set api-key --resource barn-climate'],
    ['Out of a password store', 'pass weather/api-key | dewproof secret set api-key --resource barn-climate'],
    ['From a file', 'dewproof secret set tls-key --resource barn-climate --from-file key.pem'],
  ]);
}
