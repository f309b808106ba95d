import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { openAccount } from '../home/open-account.ts';
import type { Home } from '../home/open-home.ts';
import type { LocalAccount } from '../../chain/evm/local-account.ts';
import { failure, ok, warning, type Finding, type Obtained } from './finding.ts';

/** Whether the key is there and nobody else can read it. */
export async function checkKey({ keystoreFile }: Pick<Home, 'keystoreFile'>): Promise<Finding> {
  if (!existsSync(keystoreFile)) {
    const remedy = 'make one with `dewproof init` or restore its backup';
    return failure('key', { detail: `no key at ${keystoreFile}`, remedy });
  }
  return checkMode('key', keystoreFile);
}

/** Whether the password is at hand, nobody else can read it, and it opens the key. */
export async function checkPassword(
  home: Home,
  options: { readonly passwordFile?: string | undefined },
): Promise<Obtained<LocalAccount>> {
  const file = options.passwordFile ?? home.passwordFile;
  if (!existsSync(file)) {
    const remedy = 'name its file with --password-file to have it checked';
    const detail = 'no password file, so the key was not opened';
    const finding = home.config.role === 'user' ? warning : failure;
    return { finding: finding('password', { detail, remedy }), value: undefined };
  }
  const account = await openAccount(home, { passwordFile: file });
  const mode = await checkMode('password', file);
  return {
    finding: mode.verdict === 'ok' ? ok('password', `opens the key of ${account.account}`) : mode,
    value: account,
  };
}

async function checkMode(check: string, file: string): Promise<Finding> {
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return ok(check, file);
  const detail = `others can read ${file} (mode ${(mode & 0o777).toString(8)})`;
  return warning(check, { detail, remedy: `chmod 600 ${file}` });
}
