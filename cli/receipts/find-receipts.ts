import { existsSync } from 'node:fs';
import type { Account } from '../../core/account.ts';
import type { Name } from '../../core/ids.ts';
import type { GlobalOptions } from '../options.ts';
import { warn } from '../output/messages.ts';
import { openCallSigner, openSessionAccount, type Session } from '../session.ts';
import { fetchReceipts, type FetchedReceipt } from './fetch-receipts.ts';

/**
 * Receipts of a resource or a device where a dew tells them to this home: only where the key opens without asking. Why
 * there are none to be had is said on stderr.
 */
export async function findReceipts(
  of: { readonly name: Name | undefined; readonly device: Account | undefined },
  session: Session,
  options: GlobalOptions,
): Promise<readonly FetchedReceipt[]> {
  const { home, names } = session;
  if (home.config.dews.length === 0) return unknown('config.yaml names no dew to ask');
  const opensSilently = options.passwordFile !== undefined || existsSync(home.passwordFile);
  if (!existsSync(home.keystoreFile) || !opensSilently)
    return unknown('dews are asked with a key, which this home does not open by itself');
  const signer = await openCallSigner(session, await openSessionAccount(session, options));
  const { receipts, isAnswered } = await fetchReceipts({
    ...of,
    dews: home.config.dews,
    signer,
    tenant: names.tenant,
    onTrouble: ({ code, message }) => {
      warn(`${code}: ${message}`);
    },
  });
  return isAnswered ? receipts : unknown('no dew tells it');
}

function unknown(why: string): readonly FetchedReceipt[] {
  warn(`where it really ran is not shown: ${why}`);
  return [];
}
