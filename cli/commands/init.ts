import { Option, type Command } from 'commander';
import { DewproofError } from '../../core/errors.ts';
import { parseName } from '../../core/ids.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { parseWitnessAddress } from '../bundle/parse-witness-address.ts';
import { addExamples } from '../help.ts';
import type { HomeConfigFile, HomeRole } from '../home/config.ts';
import { argument, listArgument, optionsOf, parseServerUrl, parseUrl, type GlobalOptions } from '../options.ts';
import { say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';

interface InitOptions extends GlobalOptions {
  readonly kind: HomeRole;
  readonly anchor?: string;
  readonly dew: readonly string[];
  readonly group: readonly string[];
  readonly peer: readonly string[];
  readonly node?: string;
  readonly witness: readonly WitnessAddress[];
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
    .addOption(
      new Option('--peer <url...>', 'other edges of the group (for an edge)')
        .argParser(listArgument(parseServerUrl))
        .default([], 'none'),
    )
    .option('--node <url>', 'the node to ask, where the anchor names none', argument(parseUrl))
    .addOption(
      new Option('--witness <name=url...>', "where the anchor's witnesses answer")
        .argParser(listArgument(parseWitnessAddress))
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
    [
      'A dew whose anchor trusts witnesses',
      `dewproof init --kind dew --home /etc/dewproof --generate-password --group barn-7 --node http://127.0.0.1:8545 \\
    --witness north=http://10.0.7.2:8460,south=http://10.0.7.3:8460`,
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
    config: configOf(options),
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

/** What was not said is left out, so that the file shows what this home decided. */
function configOf({ kind, dew, group, peer, node, witness }: InitOptions): HomeConfigFile {
  if (peer.length > 0 && kind !== 'edge') throw new DewproofError('USAGE', 'Only edges have peers; leave --peer out.');
  const daemon = { ...(group.length > 0 && { groups: [...group] }), ...(peer.length > 0 && { peers: [...peer] }) };
  return {
    apiVersion: 'dewproof/v1',
    kind: 'Home',
    role: kind,
    dews: [...dew],
    ...(node !== undefined && { node }),
    ...(witness.length > 0 && { witnesses: [...witness] }),
    ...(Object.keys(daemon).length > 0 && { daemon }),
  };
}
