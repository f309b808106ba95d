import { join, resolve } from 'node:path';
import { DewproofError } from '../../core/errors.ts';
import { parseConfig, type HomeConfig } from './config.ts';
import { readCapped } from './read-capped.ts';

const MAX_CONFIG_BYTES = 65_536;

/** A user's or daemon's folder: its configuration and where its files stand (absolute paths). */
export interface Home {
  readonly folder: string;
  readonly config: HomeConfig;
  readonly anchorFile: string;
  readonly keystoreFile: string;
  readonly passwordFile: string;
  readonly witnessKeyFile: string;
  readonly documentsFolder: string;
  readonly namesFile: string;
  readonly dataFolder: string;
}

/** Opens the home in `folder`. @throws CONFIG where there is none or its `config.yaml` isn't understood */
export async function openHome(folder: string): Promise<Home> {
  const files = filesOfHome(resolve(folder));
  const config = parseConfig(await parseConfigYaml(files.config, await readConfig(files.config)), files.config);
  return {
    folder: resolve(folder),
    config,
    anchorFile: resolve(folder, config.anchor),
    keystoreFile: files.keystore,
    passwordFile: resolve(folder, config.passwordFile ?? 'password'),
    witnessKeyFile: resolve(folder, 'witness-key.json'),
    documentsFolder: resolve(folder, 'documents'),
    namesFile: resolve(folder, 'names.json'),
    dataFolder: resolve(folder, config.daemon.data),
  };
}

/** Where a home's fixed files stand, whether or not they exist. */
export function filesOfHome(folder: string): { readonly config: string; readonly keystore: string } {
  return { config: join(folder, 'config.yaml'), keystore: join(folder, 'keystore.json') };
}

async function readConfig(file: string): Promise<string> {
  try {
    const bytes = await readCapped(file, { maxBytes: MAX_CONFIG_BYTES, tooLarge: 'CONFIG' });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new DewproofError(
        'CONFIG',
        `No home at ${file}; create one with \`dewproof init\` or name it with --home.`,
      );
    }
    if (error instanceof TypeError) throw new DewproofError('CONFIG', `${file} is not UTF-8 text; correct the file.`);
    throw error;
  }
}

async function parseConfigYaml(file: string, text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text, { uniqueKeys: true, maxAliasCount: 0 });
  } catch (error) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new DewproofError('CONFIG', `${file} is not YAML: ${first.replace(/:$/, '')}; correct the file.`);
  }
}
