import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import {
  secretMessage,
  statementOf,
  type SecretRecord,
  type SecretStatement,
} from '../../core/secrets/secret-record.ts';
import { recoverSigner } from '../statements/recover-signer.ts';

/** Who signs records: `signMessage` answers the 65-byte EIP-191 signature of a message. */
export interface RecordSigner {
  readonly account: Account;
  readonly signMessage: (message: Uint8Array) => Promise<`0x${string}`>;
}

/** Signs what an author says of a secret. */
export async function signSecretRecord(
  statement: Omit<SecretStatement, 'author' | 'apiVersion' | 'kind'>,
  { account, signMessage }: RecordSigner,
): Promise<SecretRecord> {
  const whole: SecretStatement = { apiVersion: 'dewproof/v1', kind: 'SecretRecord', ...statement, author: account };
  return { ...whole, signature: await signMessage(secretMessage(whole)) };
}

/** The account that signed a record, which need not be the one that it names. @throws UNAUTHENTICATED */
export function recoverSecretAuthor(record: SecretRecord): Account {
  const signer = recoverSigner({ message: secretMessage(statementOf(record)), signature: record.signature });
  if (signer !== undefined) return signer;
  throw new DewproofError('UNAUTHENTICATED', "A secret's record has no valid signature; have it set again.");
}
