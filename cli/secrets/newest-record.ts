import { hasCode } from '../../core/errors.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import type { LedgerIdentity } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { SecretNames, SecretRecord } from '../../core/secrets/secret-record.ts';
import { verifySecretRecord } from '../../core/secrets/verify-secret-record.ts';
import { isSignedBy } from '../is-signed-by.ts';
import type { SecretsDew } from '../dew/secrets-dew.ts';
import { warn } from '../output/messages.ts';

/** What records are held against; `now` in Unix seconds. */
export interface RecordContext {
  readonly ledger: LedgerIdentity;
  readonly state: LedgerState;
  readonly now: bigint;
}

/**
 * The newest record of a secret that the dews have and that counts; one that does not is warned of. A dew that can't be
 * asked is warned of while another one answers. @throws the last dew's failure, where none answers
 */
export async function newestRecord(
  names: SecretNames,
  { dews, ...context }: RecordContext & { readonly dews: readonly SecretsDew[] },
): Promise<SecretRecord | undefined> {
  const failures: unknown[] = [];
  const records: SecretRecord[] = [];
  for (const dew of dews) {
    try {
      const found = await dew.find(names);
      if (found !== undefined && isValid(found.record, { asked: names, url: dew.url, ...context })) {
        records.push(found.record);
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === dews.length) throw failures.at(-1);
  for (const failure of failures) warn(failure instanceof Error ? failure.message : String(failure));
  return records.toSorted((first, second) => second.version - first.version)[0];
}

/** Tells whether a record counts: a dew that invents one must not choose the next version, nor say who set what. */
export function isValid(
  record: SecretRecord,
  { asked, url, ledger, state, now }: RecordContext & { readonly asked: SecretNames; readonly url: string },
): boolean {
  try {
    const question = { record, asked, ledger, facts: factsOf(state), now, lastSeen: undefined };
    verifySecretRecord(question, { isSignedBy });
    return true;
  } catch (error) {
    if (!hasCode(error)) throw error;
    warn(`${url} has a record of ${asked.resource}/${asked.name} that does not count (${error.code}).`);
    return false;
  }
}
