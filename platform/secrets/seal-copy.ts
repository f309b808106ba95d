import type { Account } from '../../core/account.ts';
import { encodeSecretContent, type SecretContent } from '../../core/secrets/secret-content.ts';
import { envelopeContext, type SecretStatement } from '../../core/secrets/secret-record.ts';
import type { PublicKey } from '../../core/secrets/secret-vault.ts';
import type { SealedCopy } from '../../core/wire/secrets.ts';
import { sealEnvelope } from './envelope.ts';
import { verifyPublicKey } from './public-key.ts';

/**
 * Seals a secret's content to one device, whose key may have come from anywhere.
 * @throws WRONG_DEVICE (the key is another account's), SCHEMA
 */
export function sealCopy(
  { statement, content }: { readonly statement: SecretStatement; readonly content: SecretContent },
  { recipient, publicKey }: { readonly recipient: Account; readonly publicKey: PublicKey },
): SealedCopy {
  verifyPublicKey(publicKey, { account: recipient });
  const sealed = { content: encodeSecretContent(content), context: envelopeContext(statement, { recipient }) };
  return { recipient, envelope: Buffer.from(sealEnvelope(publicKey, sealed)).toString('base64url') };
}
