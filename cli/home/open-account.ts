import { existsSync } from 'node:fs';
import { openKeystore } from '../../chain/evm/keystore.ts';
import type { LocalAccount } from '../../chain/evm/local-account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Home } from './open-home.ts';
import { readCapped } from './read-capped.ts';
import { readPassword } from './read-password.ts';

const MAX_KEYSTORE_BYTES = 16_384;

/**
 * Opens the home's key, with the password from `passwordFile`, the home's own file, or the terminal.
 * @throws KEY_MISSING, WRONG_PASSWORD, CONFIG, SCHEMA
 */
export async function openAccount(
  home: Home,
  options: { readonly passwordFile?: string | undefined },
): Promise<LocalAccount> {
  const json = await readKeystore(home.keystoreFile);
  const homeFile = existsSync(home.passwordFile) ? home.passwordFile : undefined;
  return openKeystore({ json, password: await readPassword({ file: options.passwordFile ?? homeFile, isNew: false }) });
}

async function readKeystore(file: string): Promise<string> {
  const bytes = await readCapped(file, { maxBytes: MAX_KEYSTORE_BYTES }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError('KEY_MISSING', `No key at ${file}; make one with \`dewproof init\` or restore its backup.`);
  });
  return Buffer.from(bytes).toString('utf8');
}
