import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { createKeystore } from '../../chain/evm/keystore.ts';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { HomeConfigFile } from './config.ts';
import { filesOfHome, openHome } from './open-home.ts';
import { readAnchor } from './read-anchor.ts';
import { readPassword } from './read-password.ts';
import { writeDurably } from './write-durably.ts';

/** What a new home is made of. */
export interface NewHome {
  readonly folder: string;
  /** Kept as it stands where there is one already. */
  readonly config: HomeConfigFile;
  /** Copied into the home. */
  readonly anchorFile: string | undefined;
  /** `generate` makes a random one beside the key; undefined takes the home's, or asks at the terminal. */
  readonly password: { readonly file: string } | 'generate' | undefined;
}

/**
 * Makes a home with a new key in it. The key comes last and never over another, so that an interrupted run can be
 * repeated and a second one harms nothing.
 * @throws CONFLICT where there is a key already; CONFIG
 */
export async function createHome(input: NewHome): Promise<Account> {
  const files = filesOfHome(resolve(input.folder));
  if (existsSync(files.keystore)) throw keyExists(files.keystore);
  const anchor = input.anchorFile === undefined ? undefined : await readAnchor(input.anchorFile);
  if (!existsSync(files.config))
    await writeDurably(files.config, stringify(input.config), { replace: false, mode: 0o600 });
  const home = await openHome(input.folder);
  if (anchor)
    await writeDurably(home.anchorFile, `${JSON.stringify(anchor, undefined, 2)}\n`, { replace: true, mode: 0o644 });
  const { json, account } = await createKeystore({ password: await chooseNewPassword(input, home.passwordFile) });
  await writeDurably(files.keystore, json, { replace: false, mode: 0o600 });
  return account;
}

/** A new key's password: from the file that was named, made and kept at `homeFile`, or asked for. @throws CONFIG */
export async function chooseNewPassword({ password }: Pick<NewHome, 'password'>, homeFile: string): Promise<string> {
  if (password === 'generate' && !existsSync(homeFile)) {
    await writeDurably(homeFile, `${randomBytes(32).toString('base64url')}\n`, { replace: false, mode: 0o600 });
  }
  const named = password === 'generate' || password === undefined ? undefined : password.file;
  return readPassword({ file: named ?? (existsSync(homeFile) ? homeFile : undefined), isNew: true });
}

function keyExists(file: string): DewproofError {
  return new DewproofError(
    'CONFLICT',
    `${file} holds a key already, which is never overwritten; choose another --home.`,
  );
}
