import { z } from 'zod';
import type { Account } from '../account.ts';
import { DewproofError } from '../errors.ts';
import { accountField } from '../fields.ts';
import { secretNamesFields, secretRecordSchema } from '../secrets/secret-record.ts';
import { MAX_SECRET_CONTENT_BYTES } from '../secrets/secret-content.ts';
import type { PublicKey } from '../secrets/secret-vault.ts';
import { parseJsonBytes } from './json-bytes.ts';

/** The most bytes of an envelope: version, ephemeral key, ciphertext, tag. */
export const MAX_ENVELOPE_BYTES = 1 + 33 + MAX_SECRET_CONTENT_BYTES + 16;

/** The most sealed copies in one upload; more devices take several. */
export const MAX_COPIES = 64;

/** The most bytes of an upload. */
export const MAX_SECRET_UPLOAD_BYTES = 2_097_152;

/** The most bytes of a public key on the wire; it has 84. */
export const MAX_KEY_BYTES = 256;

/** The most secrets that a device is told of at once, and the most copies that it is asked for. */
export const MAX_OFFERED = 1000;
export const MAX_WANTED = 64;

/** The most secrets that one list has. */
export const MAX_LISTED_SECRETS = 10_000;

const envelope = z
  .string()
  .max(Math.ceil((MAX_ENVELOPE_BYTES * 4) / 3))
  .refine(
    (text) => Buffer.from(text, 'base64url').toString('base64url') === text,
    'expected base64url in its one form (RFC 4648)',
  );

const publicKey = z
  .string()
  .regex(/^0x0[23][0-9a-f]{64}$/)
  .transform((text) => text as PublicKey);

/** A device's public key, as it tells it and as a dew passes it on; whoever uses it holds it against the account. */
export const deviceKeySchema = z.strictObject({ publicKey });

/** One device's copy of a value. */
export const sealedCopySchema = z.strictObject({ recipient: accountField, envelope });
export type SealedCopy = Readonly<z.output<typeof sealedCopySchema>>;

/** A record with some sealed copies of its value: a new one, or more copies of one that is there. */
export const secretUploadSchema = z.strictObject({
  record: secretRecordSchema,
  copies: z.array(sealedCopySchema).max(MAX_COPIES),
});
export type SecretUpload = Readonly<z.output<typeof secretUploadSchema>>;

/** Whose copies a dew kept of an upload. */
export const secretUploadAnswerSchema = z.strictObject({ kept: z.array(accountField).max(MAX_COPIES) });

/** A secret as a device gets it: its record and the device's own copy, where there is one. */
export const secretCopySchema = z.strictObject({ record: secretRecordSchema, envelope: envelope.nullable() });
export type SecretCopy = Readonly<z.output<typeof secretCopySchema>>;

const accounts = z.array(accountField).max(MAX_LISTED_SECRETS);

/** A secret as managers and reviewers see it; no copy of the value is in it. */
export const secretDescriptionSchema = z.strictObject({
  record: secretRecordSchema,
  /** Devices that a copy is there for. */
  sealed: accounts,
  /** Active edges of the resource's group that none is there for, and of these those whose key is not known. */
  lacking: accounts,
  keyless: accounts,
});
export type SecretDescription = Readonly<z.output<typeof secretDescriptionSchema>>;

/** All that a dew has, for those who may know. */
export const secretListSchema = z.strictObject({
  secrets: z.array(secretDescriptionSchema).max(MAX_LISTED_SECRETS),
});

const versionFields = { ...secretNamesFields, version: z.int().positive() };

/** What a dew has for one device to do with secrets: claims, each of which the device checks. */
export const deviceSecretsSchema = z.strictObject({
  device: accountField,
  /** False where the dew has no public key of the device: it is to be told. */
  isKeyKnown: z.boolean(),
  /** Secrets that this device has a copy of here, or that were withdrawn. */
  offered: z.array(z.strictObject(versionFields)).max(MAX_OFFERED),
  /** Devices that have no copy of a secret that this one has. */
  wanted: z.array(z.strictObject({ ...versionFields, recipient: accountField })).max(MAX_WANTED),
});
export type DeviceSecrets = Readonly<z.output<typeof deviceSecretsSchema>>;
export type OfferedSecret = DeviceSecrets['offered'][number];
export type WantedCopy = DeviceSecrets['wanted'][number];

/** Parses JSON bytes with one of these schemas; `what` names it in the refusal, which quotes nothing. @throws SCHEMA */
export function parseSecretJson<Schema extends z.ZodType>(
  bytes: Uint8Array,
  { schema, what }: { readonly schema: Schema; readonly what: string },
): z.output<Schema> {
  const parsed = schema.safeParse(parseJsonBytes(bytes));
  if (parsed.success) return parsed.data;
  throw new DewproofError('SCHEMA', `This is no ${what} of this version; update whichever side is older.`);
}

/** The path of a secret on a dew. */
export function secretPath(of: { readonly tenant: string; readonly resource: string; readonly name: string }): string {
  return `/v1/secrets/${of.tenant}/${of.resource}/${of.name}`;
}

/** The path of a device's public key on a dew. */
export function deviceKeyPath(account: Account): string {
  return `/v1/devices/${account}/key`;
}

/** The path of what a device has to do with secrets. */
export function deviceSecretsPath(account: Account): string {
  return `/v1/devices/${account}/secrets`;
}
