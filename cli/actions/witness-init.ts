import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { createWitnessKey } from '../../chain/witness/witness-key.ts';
import { DewproofError } from '../../core/errors.ts';
import { makeDataFolder } from '../../platform/store/make-data-folder.ts';
import { openStore } from '../../platform/store/open-store.ts';
import { createWitnessMemory } from '../../witness/witness-memory.ts';
import type { WitnessInitOptions } from '../commands/witness-init.ts';
import type { HomeConfigFile } from '../home/config.ts';
import { chooseNewPassword } from '../home/create-home.ts';
import { filesOfHome, openHome, type Home } from '../home/open-home.ts';
import { writeDurably } from '../home/write-durably.ts';
import { say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';

/**
 * Makes a witness's home: configuration, records, and last its key, so that an interrupted run can be repeated.
 * @throws CONFLICT (a key or another key's records are there, or the configuration has them elsewhere), SCHEMA (the name), USAGE, CONFIG, STORE_LOCKED, DISK_FULL
 */
export async function initWitness(name: string, options: WitnessInitOptions): Promise<void> {
  if (options.generatePassword && options.passwordFile !== undefined) {
    throw new DewproofError('USAGE', 'Give --password-file or --generate-password, not both.');
  }
  const files = filesOfHome(resolve(options.home));
  if (!existsSync(files.config)) {
    await writeDurably(files.config, stringify(configOf(options)), { replace: false, mode: 0o600 });
  }
  const home = await openHome(options.home);
  if (existsSync(home.witnessKeyFile)) {
    throw new DewproofError('CONFLICT', `${home.witnessKeyFile} holds a key already; choose another --home.`);
  }
  const dataFolder = dataFolderOf(home, options);
  const password = await chooseNewPassword({ password: passwordOf(options) }, home.passwordFile);
  const { json, witness } = await createWitnessKey({ name, password });
  await createRecords(dataFolder, witness);
  await writeDurably(home.witnessKeyFile, json, { replace: false, mode: 0o600 });
  await printRecord(witness, options.output);
  say('Keep witness-key.json, its password and the data folder together, and never run two witnesses with one key.');
}

/** Records that a later start does not look for would be missed, and the key given up for nothing. @throws CONFLICT */
function dataFolderOf({ dataFolder, folder }: Home, { data }: WitnessInitOptions): string {
  if (data === undefined || resolve(data) === resolve(dataFolder)) return dataFolder;
  const { config } = filesOfHome(folder);
  throw new DewproofError(
    'CONFLICT',
    `${config} is there already and has the records in ${dataFolder}; leave --data out, or name the folder under daemon: data: there.`,
  );
}

async function createRecords(dataFolder: string, owner: { readonly publicKey: `0x${string}` }): Promise<void> {
  await makeDataFolder(dataFolder);
  const store = await openStore(join(dataFolder, 'store'));
  try {
    await createWitnessMemory(store, owner);
  } finally {
    await store.close();
  }
}

function passwordOf({ generatePassword, passwordFile }: WitnessInitOptions) {
  if (generatePassword) return 'generate';
  return passwordFile === undefined ? undefined : { file: passwordFile };
}

function configOf({ data, node, confirmations, staleAfter }: WitnessInitOptions): HomeConfigFile {
  const witness = {
    ...(node !== undefined && { node }),
    ...(confirmations !== undefined && { confirmations }),
    ...(staleAfter !== undefined && { staleAfter }),
  };
  const daemon = data === undefined ? undefined : { data: resolve(data) };
  return { apiVersion: 'dewproof/v1', kind: 'Home', role: 'witness', ...(daemon && { daemon }), witness };
}
