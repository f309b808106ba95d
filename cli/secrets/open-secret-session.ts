import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import type { SecretNames, SecretRecord } from '../../core/secrets/secret-record.ts';
import { secretsDewsOf, type SecretsDew } from '../dew/secrets-dew.ts';
import { nowOfLedger } from '../ledger/now.ts';
import { readState } from '../ledger/read-state.ts';
import { verifyManager } from '../policy/verify-manager.ts';
import type { WriterSession } from '../session.ts';
import { newestRecord, type RecordContext } from './newest-record.ts';

/** All that changing a secret needs to know beforehand. */
export interface SecretSession extends RecordContext {
  readonly names: SecretNames;
  readonly dews: readonly SecretsDew[];
  /** The newest version that any dew has; undefined where none has one. */
  readonly newest: SecretRecord | undefined;
}

/**
 * Reads what is known of a secret that the home's account may manage.
 * @throws CONFIG (no dews), FORBIDDEN, DEW_UNAVAILABLE, the ledger's codes
 */
export async function openSecretSession(
  { name, resource }: { readonly name: Name; readonly resource: Name },
  session: WriterSession,
): Promise<SecretSession> {
  const { anchor, ledger, account } = session;
  const dews = secretsDewsOf(session);
  if (dews.length === 0) {
    throw new DewproofError('CONFIG', 'config.yaml names no dews, so no device could fetch the secret; add one.');
  }
  const [state, now] = [await readState(ledger), await nowOfLedger(ledger)];
  const names = { tenant: anchor.tenant, resource, name };
  verifyManager({ tenant: anchor.tenant, name: resource, account: account.account, state, what: 'secrets' });
  const { chain, genesis, registry } = anchor;
  const context = { ledger: { chain, genesis, registry }, state, now };
  session.names.learn('resource', resource);
  return { names, dews, newest: await newestRecord(names, { dews, ...context }), ...context };
}
