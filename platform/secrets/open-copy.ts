import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { commitmentOf, parseSecretContent, type SecretContent } from '../../core/secrets/secret-content.ts';
import { envelopeContext, statementOf, type SecretRecord } from '../../core/secrets/secret-record.ts';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';

/**
 * Opens a device's own copy and holds the value against what the author committed to: a device that sealed it on
 * (or anybody else that knows the device's public key) can't put another value in its place.
 * @throws DIGEST_MISMATCH (altered, another's, or not the author's value), SCHEMA
 */
export async function openCopy(
  { record, envelope }: { readonly record: SecretRecord; readonly envelope: string },
  { vault, account }: { readonly vault: SecretVault; readonly account: Account },
): Promise<SecretContent> {
  const context = envelopeContext(statementOf(record), { recipient: account });
  const content = parseSecretContent(await vault.unseal({ envelope: Buffer.from(envelope, 'base64url'), context }));
  if (commitmentOf(content) === record.commitment) return content;
  throw new DewproofError(
    'DIGEST_MISMATCH',
    `The copy of ${record.resource}/${record.name} holds another value than its author set; another one is needed.`,
  );
}
