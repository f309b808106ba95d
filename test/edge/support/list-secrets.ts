import { secretsDewsOf, type SecretsDew } from '../../../cli/dew/secrets-dew.ts';
import type { SecretDescription, SecretUpload } from '../../../core/wire/secrets.ts';
import { signerOf } from '../../platform/wallets.ts';
import { ADMIN_WALLET } from './site.ts';

/** A dew as the site's admin asks it about secrets. */
export function secretsDewAt({ url }: { readonly url: string }): SecretsDew {
  const home = { config: { dews: [url] } } as unknown as Parameters<typeof secretsDewsOf>[0]['home'];
  const [dew] = secretsDewsOf({ home, signer: signerOf(ADMIN_WALLET) });
  if (dew === undefined) throw new TypeError('there is one');
  return dew;
}

/** What a dew says of its secrets; accounts in order. */
export async function list(dew: { readonly url: string }): Promise<readonly SecretDescription[]> {
  return (await secretsDewAt(dew).list()).map((one) => ({ ...one, sealed: one.sealed.toSorted() }));
}

/** Puts a record and copies there as the site's admin. */
export async function put(dew: { readonly url: string }, upload: SecretUpload): Promise<void> {
  await secretsDewAt(dew).put(upload);
}
