import { Option, type Command } from 'commander';
import { DewproofError } from '../../core/errors.ts';
import { parseName } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import type { HomeRole } from '../home/config.ts';
import { argument, listArgument, optionsOf, parseServerUrl, type GlobalOptions } from '../options.ts';
import { say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';

interface InitOptions extends GlobalOptions {
  readonly kind: HomeRole;
  readonly anchor?: string;
  readonly dew: readonly string[];
  readonly group: readonly string[];
  readonly generatePassword?: boolean;
}

/** `dewproof init`: a key, and a place for it. */
export function addInit(program: Command): void {
  const command = program
    .command('init')
    .summary('make a key and a configuration')
    .description(
      `Make a folder with a new key (keystore.json, sealed with a password) and a configuration (config.yaml), and
print the key's account. An existing key is never overwritten.`,
    )
    .addOption(new Option('--kind <kind>', 'what the folder is for').choices(['user', 'edge', 'dew']).default('user'))
    .option('--anchor <file>', "the tenant's trust anchor, copied into the folder")
    .addOption(
      new Option('--dew <url...>', 'dew servers, the first tried first')
        .argParser(listArgument(parseServerUrl))
        .default([], 'none'),
    )
    .addOption(
      new Option('--group <name...>', 'group that an edge belongs to, groups that a dew serves')
        .argParser(listArgument(argument(parseName)))
        .default([], 'none'),
    )
    .option('--generate-password', 'make a random password and keep it in the folder (0600)')
    .action((_, self: Command) => init(optionsOf<InitOptions>(self)));
  addExamples(command, [
    ['A publisher at a desk: asks for a password', 'dewproof init --home ~/.dewproof'],
    [
      'A device that starts by itself',
      'dewproof init --kind edge --home /etc/dewproof --generate-password --anchor anchor.json --group barn-7 --dew http://dew.local:8470',
    ],
  ]);
}

async function init(options: InitOptions): Promise<void> {
  if (options.generatePassword && options.passwordFile !== undefined) {
    throw new DewproofError('USAGE', 'Give --password-file or --generate-password, not both.');
  }
  const { createHome } = await import('../home/create-home.ts');
  const account = await createHome({
    folder: options.home,
    config: {
      apiVersion: 'dewproof/v1',
      kind: 'Home',
      role: options.kind,
      dews: [...options.dew],
      ...(options.group.length > 0 && { daemon: { groups: [...options.group] } }),
    },
    anchorFile: options.anchor,
    password: options.generatePassword
      ? 'generate'
      : options.passwordFile === undefined
        ? undefined
        : { file: options.passwordFile },
  });
  await printRecord({ account, home: options.home }, options.output);
  say('Keep keystore.json and its password: nobody can restore them.');
}
