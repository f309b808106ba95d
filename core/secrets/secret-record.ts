import { z } from 'zod';
import { accountField, digestField, nameField, signatureField } from '../fields.ts';
import { identityField } from '../ledger/state-fields.ts';
import { canonicalBytes } from '../document/canonical.ts';
import { digestOf, type Digest } from '../digest.ts';
import type { Name } from '../ids.ts';
import type { Account } from '../account.ts';

/** Which secret: a name within a resource of a tenant. */
export interface SecretNames {
  readonly tenant: Name;
  readonly resource: Name;
  readonly name: Name;
}

/** The fields that name a secret, in a schema. */
export const secretNamesFields = { tenant: nameField, resource: nameField, name: nameField };

const statementFields = {
  apiVersion: z.literal('dewproof/v1'),
  kind: z.literal('SecretRecord'),
  /** The same keys may be used on several chains: a record of one is worth nothing on another. */
  ledger: identityField,
  ...secretNamesFields,
  version: z.int().positive(),
  /** Commits to the value (`commitmentOf`); null says that the secret was withdrawn. */
  commitment: digestField.nullable(),
  author: accountField,
};

/**
 * What its author says of one version of a secret. Who it is sealed for is left out on purpose: the ledger says which
 * devices may have it, and they change.
 */
export type SecretStatement = Readonly<z.output<z.ZodObject<typeof statementFields>>>;

/** A statement with its author's EIP-191 signature: 65 bytes that end in 27 or 28. */
export const secretRecordSchema = z.strictObject({
  ...statementFields,
  signature: signatureField,
});
export type SecretRecord = Readonly<z.output<typeof secretRecordSchema>>;

/** A record's statement alone. */
export function statementOf(record: SecretRecord): SecretStatement {
  const { apiVersion, kind, ledger, tenant, resource, name, version, commitment, author } = record;
  return { apiVersion, kind, ledger, tenant, resource, name, version, commitment, author };
}

// Not the beginning of any signature base of RFC 9421: no signed call can be passed off as a record, nor the reverse.
const MESSAGE_PREFIX = 'Dewproof secret record, version 1\n';

/** The bytes that the author signs (with EIP-191's prefix before them). */
export function secretMessage(statement: SecretStatement): Uint8Array {
  return Buffer.concat([Buffer.from(MESSAGE_PREFIX), canonicalBytes(statement)]);
}

/** What tells one record from another, whatever its signature's bytes. */
export function digestOfStatement(statement: SecretStatement): Digest {
  return digestOf(secretMessage(statement));
}

/** What an envelope is bound to: this very statement and this recipient, so that no copy counts for another. */
export function envelopeContext(
  statement: SecretStatement,
  { recipient }: { readonly recipient: Account },
): Uint8Array {
  return Buffer.concat([Buffer.from('dewproof/v1/secret-copy\n'), canonicalBytes({ recipient, statement })]);
}
