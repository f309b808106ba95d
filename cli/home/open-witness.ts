import { existsSync } from 'node:fs';
import { openWitnessKey } from '../../chain/witness/witness-key.ts';
import type { SigningWitness } from '../../chain/light/witness/sign-note.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Home } from './open-home.ts';
import { readCapped } from './read-capped.ts';
import { readPassword } from './read-password.ts';

const MAX_KEY_BYTES = 4096;

/**
 * Opens the home's witness key, with the password from `passwordFile`, the home's own file, or the terminal.
 * @throws KEY_MISSING, WRONG_PASSWORD, CONFIG, SCHEMA
 */
export async function openHomeWitness(
  home: Home,
  options: { readonly passwordFile?: string | undefined },
): Promise<SigningWitness> {
  const bytes = await readCapped(home.witnessKeyFile, { maxBytes: MAX_KEY_BYTES }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError(
      'KEY_MISSING',
      `No witness's key at ${home.witnessKeyFile}; make one with \`dewproof witness init\` or restore its backup.`,
    );
  });
  const homeFile = existsSync(home.passwordFile) ? home.passwordFile : undefined;
  const password = await readPassword({ file: options.passwordFile ?? homeFile, isNew: false });
  return openWitnessKey({ json: Buffer.from(bytes).toString('utf8'), password });
}
