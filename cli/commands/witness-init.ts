import type { Command } from 'commander';
import { WITNESS_NAME_PATTERN } from '../../core/witness/witness-name.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';
import { addWitnessOptions, type WitnessOptions } from '../witness-options.ts';

/** Options of `dewproof witness init`. */
export interface WitnessInitOptions extends GlobalOptions, WitnessOptions {
  readonly generatePassword?: boolean;
  readonly data?: string;
}

function parseWitnessName(text: string): string {
  if (WITNESS_NAME_PATTERN.test(text)) return text;
  throw new TypeError('Expected 1 to 63 of a-z, 0-9, `.`, `/` and `-`, a letter or digit at both ends.');
}

/** `dewproof witness init`. */
export function addWitnessInit(witness: Command): void {
  const command = witness
    .command('init')
    .argument(
      '<name>',
      'what the witness signs as, of a-z, 0-9, `.`, `/` and `-`; best a domain of its operator',
      argument(parseWitnessName),
    )
    .summary("make a witness's key, records and configuration")
    .description(
      `Make a folder with a new Ed25519 key (witness-key.json, sealed with a password), a configuration (config.yaml) and the
records of what it signs (data/), and print the witness as anchors name it: its name and public key.

Keep the records with the key: without them the witness could sign a second block of one height, so that it does
not start. Never run two witnesses with one key.`,
    );
  addWitnessOptions(command)
    .option('--generate-password', 'make a random password and keep it in the folder (0600)')
    .option('--data <folder>', "where its records are (default: the home's data)")
    .action(async (name: string, _, self: Command) => {
      const { initWitness } = await import('../actions/witness-init.ts');
      await initWitness(name, optionsOf<WitnessInitOptions>(self));
    });
  addExamples(command, [
    [
      'A witness beside its own node, which starts by itself',
      'dewproof witness init witness.greenfields.example --home /etc/dewproof-witness --generate-password --node http://127.0.0.1:8545',
    ],
    [
      'What the anchor of its tenants takes, as data',
      'dewproof witness init witness.greenfields.example --generate-password -o json',
    ],
  ]);
}
