import type { Account } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import { DewproofError } from '../../core/errors.ts';
import type { SecretNames } from '../../core/secrets/secret-record.ts';
import type { PublicKey } from '../../core/secrets/secret-vault.ts';
import {
  deviceKeyPath,
  deviceKeySchema,
  deviceSecretsPath,
  deviceSecretsSchema,
  parseSecretJson,
  secretCopySchema,
  secretPath,
  type DeviceSecrets,
  type SecretCopy,
  type SecretUpload,
} from '../../core/wire/secrets.ts';
import { fetchCapped, type FetchCappedOptions } from '../../platform/http/fetch-capped.ts';
import { bodyOfAnswer } from '../dew-answer.ts';

const MAX_ANSWER_BYTES = 524_288;
const MIN_BYTES_PER_SECOND = 1024;
const MAX_ANSWER_MS = 30_000;

/** What a device asks of one dew about secrets; every answer is a claim. Each throws DEW_UNAVAILABLE, NOT_FOUND, SCHEMA, ENDLESS_DATA, SLOW_RETRIEVAL. */
export interface SecretsClient {
  /** What there is to do. */
  work(): Promise<DeviceSecrets>;
  tellKey(publicKey: PublicKey): Promise<void>;
  keyOf(account: Account): Promise<PublicKey>;
  /** A secret's record and this device's copy. */
  copyOf(names: SecretNames): Promise<SecretCopy>;
  /** This device's copy is of no use. */
  rejectCopy(names: SecretNames): Promise<void>;
  upload(upload: SecretUpload): Promise<void>;
}

/** Speaks with the dew at `url` as a device, until `signal` aborts. */
export function createSecretsClient({
  url,
  signer,
  signal,
}: {
  readonly url: string;
  readonly signer: CallSigner;
  readonly signal: AbortSignal;
}): SecretsClient {
  const call = async (path: string, options: Pick<FetchCappedOptions, 'method' | 'body'> = {}) => {
    const response = await fetchCapped(new URL(path, url).href, {
      ...options,
      signer,
      signal,
      maxBytes: MAX_ANSWER_BYTES,
      minBytesPerSecond: MIN_BYTES_PER_SECOND,
      totalMs: MAX_ANSWER_MS,
    });
    return bodyOfAnswer(response, { url });
  };
  const bodyOf = (value: unknown) => Buffer.from(JSON.stringify(value));

  return {
    work: async () => {
      const bytes = await call(deviceSecretsPath(signer.account));
      const work = parseSecretJson(bytes, { schema: deviceSecretsSchema, what: "list of a device's secrets" });
      if (work.device === signer.account) return work;
      throw new DewproofError('WRONG_DEVICE', `${url} answered with the secrets of ${work.device}.`);
    },
    tellKey: async (publicKey) => {
      await call(deviceKeyPath(signer.account), { method: 'PUT', body: bodyOf({ publicKey }) });
    },
    keyOf: async (account) => {
      const bytes = await call(deviceKeyPath(account));
      return parseSecretJson(bytes, { schema: deviceKeySchema, what: 'public key' }).publicKey;
    },
    copyOf: async (names) =>
      parseSecretJson(await call(secretPath(names)), { schema: secretCopySchema, what: 'sealed secret' }),
    rejectCopy: async (names) => {
      await call(`${secretPath(names)}/copy`, { method: 'DELETE' });
    },
    upload: async (upload) => {
      await call(secretPath(upload.record), { method: 'PUT', body: bodyOf(upload) });
    },
  };
}
