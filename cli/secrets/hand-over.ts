import type { Account } from '../../core/account.ts';
import type { SecretRecord } from '../../core/secrets/secret-record.ts';
import { MAX_COPIES, type SealedCopy } from '../../core/wire/secrets.ts';
import type { SecretsDew } from '../dew/secrets-dew.ts';
import { warn } from '../output/messages.ts';

/** Where a secret is now: the dews that took it, and the devices that some dew kept a copy for. */
export interface HandedOver {
  readonly dews: readonly string[];
  readonly sealed: readonly Account[];
}

/**
 * Hands a record and its copies to every dew. One that does not take it is warned of while another one does.
 * @throws the last dew's refusal, where none takes it
 */
export async function handOver(
  { record, copies }: { readonly record: SecretRecord; readonly copies: readonly SealedCopy[] },
  dews: readonly SecretsDew[],
): Promise<HandedOver> {
  const taken: string[] = [];
  const sealed = new Set<Account>();
  const failures: unknown[] = [];
  for (const dew of dews) {
    try {
      for (const some of inParts(copies))
        for (const account of await dew.put({ record, copies: some })) sealed.add(account);
      taken.push(dew.url);
    } catch (error) {
      failures.push(error);
    }
  }
  if (taken.length === 0) throw failures.at(-1);
  for (const failure of failures) warn(failure instanceof Error ? failure.message : String(failure));
  return { dews: taken, sealed: [...sealed] };
}

/** At least one part, so that a record without copies goes out too. */
function inParts(copies: readonly SealedCopy[]): readonly SealedCopy[][] {
  const count = Math.max(1, Math.ceil(copies.length / MAX_COPIES));
  return Array.from({ length: count }, (_, index) => copies.slice(index * MAX_COPIES, (index + 1) * MAX_COPIES));
}
