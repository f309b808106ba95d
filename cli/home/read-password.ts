import { DewproofError } from '../../core/errors.ts';
import { promptSecret } from './prompt-secret.ts';
import { readCapped } from './read-capped.ts';

const MAX_PASSWORD_BYTES = 4096;

/** Where a password may come from: a file, or whoever sits at the terminal. */
export interface PasswordSource {
  readonly file: string | undefined;
  /** Asked twice, because nobody can correct a mistyped new password. */
  readonly isNew: boolean;
}

/** Reads a key's password, without its line end. @throws CONFIG where there is neither a file nor a terminal */
export async function readPassword(source: PasswordSource): Promise<string> {
  const password = source.file === undefined ? await askPassword(source.isNew) : await readPasswordFile(source.file);
  if (password === '') throw new DewproofError('CONFIG', 'The password is empty; choose one.');
  return password;
}

async function readPasswordFile(file: string): Promise<string> {
  const bytes = await readCapped(file, { maxBytes: MAX_PASSWORD_BYTES, tooLarge: 'CONFIG' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError('CONFIG', `No password file at ${file}; name the right one with --password-file.`);
  });
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

async function askPassword(isNew: boolean): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new DewproofError(
      'CONFIG',
      'The key needs its password and there is no terminal to ask at; name its file with --password-file or DEWPROOF_PASSWORD_FILE.',
    );
  }
  const password = await promptSecret('Password of the key: ');
  if (isNew && (await promptSecret('Again: ')) !== password) {
    throw new DewproofError('USAGE', 'The two passwords differ; run the command again.');
  }
  return password;
}
