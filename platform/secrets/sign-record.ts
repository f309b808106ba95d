import type { Account } from '../../core/account.ts';
import { secretMessage, type SecretRecord, type SecretStatement } from '../../core/secrets/secret-record.ts';

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
