import type { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import { hasCode } from '../../core/errors.ts';
import type { SecretNames } from '../../core/secrets/secret-record.ts';
import type { PublicKey } from '../../core/secrets/secret-vault.ts';
import {
  deviceKeyPath,
  deviceKeySchema,
  parseSecretJson,
  secretDescriptionSchema,
  secretListSchema,
  secretPath,
  secretUploadAnswerSchema,
  type SecretDescription,
  type SecretUpload,
} from '../../core/wire/secrets.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import type { WriterSession } from '../session.ts';
import { problemError } from './problem-error.ts';

const limits = { maxBytes: 16_777_216, minBytesPerSecond: 1024, totalMs: 60_000 };

/** What is asked of one dew about secrets; answers are claims. Each throws DEW_UNAVAILABLE, SCHEMA, and the dew's own codes. */
export interface SecretsDew {
  readonly url: string;
  list(): Promise<readonly SecretDescription[]>;
  /** Undefined where the dew has no such secret. */
  find(names: SecretNames): Promise<SecretDescription | undefined>;
  /** A device's public key, unverified; undefined where the dew was not told it. */
  keyOf(account: Account): Promise<PublicKey | undefined>;
  /** Answers for whom copies were kept. */
  put(upload: SecretUpload): Promise<readonly Account[]>;
}

/** The home's dews, asked as the home's account. */
export function secretsDewsOf({ home, signer }: Pick<WriterSession, 'home' | 'signer'>): readonly SecretsDew[] {
  return home.config.dews.map((url) => createSecretsDew({ url: url.replace(/\/+$/, ''), signer }));
}

function createSecretsDew({ url, signer }: { readonly url: string; readonly signer: CallSigner }): SecretsDew {
  const ask = async <Schema extends z.ZodType>(
    path: string,
    { schema, upload }: { readonly schema: Schema; readonly upload?: SecretUpload },
  ): Promise<z.output<Schema>> => {
    const sending = upload && {
      method: 'PUT' as const,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(upload)),
    };
    const response = await fetchCapped(`${url}${path}`, { ...limits, ...sending, signer });
    if (response.status !== 200) throw problemError(response, url);
    return parseSecretJson(response.body, { schema, what: `answer of ${url}` });
  };
  return {
    url,
    list: async () => (await ask('/v1/secrets', { schema: secretListSchema })).secrets,
    find: (names) => orUndefined(() => ask(secretPath(names), { schema: secretDescriptionSchema })),
    keyOf: async (account) =>
      (await orUndefined(() => ask(deviceKeyPath(account), { schema: deviceKeySchema })))?.publicKey,
    put: async (upload) => (await ask(secretPath(upload.record), { schema: secretUploadAnswerSchema, upload })).kept,
  };
}

async function orUndefined<T>(asking: () => Promise<T>): Promise<T | undefined> {
  try {
    return await asking();
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}
