import { randomBytes } from 'node:crypto';
import { decryptKeystoreJson, encryptKeystoreJson } from 'ethers/wallet';
import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { openLocalAccount, type LocalAccount } from './local-account.ts';

/** scrypt's work factor for new keystores: 32 MiB, 0.1 s on a desktop, which a Raspberry Pi still bears. */
const SCRYPT_N = 32_768;
/** n * r * p of geth's standard keystores (262,144 * 8 * 1): 256 MiB. More is an attack on whoever opens it. */
const MAX_SCRYPT_WORK = 262_144 * 8;
const MAX_KEYSTORE_CHARS = 16_384;

const hex = (bytes: { min: number; max: number }) =>
  z.string().regex(new RegExp(`^(?:0x)?(?:[0-9a-fA-F]{2}){${bytes.min},${bytes.max}}$`));
const powerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

const cryptoSchema = z.object({
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.object({ iv: hex({ min: 16, max: 16 }) }),
  ciphertext: hex({ min: 32, max: 32 }),
  kdf: z.literal('scrypt'),
  kdfparams: z
    .object({
      n: z.int().min(2).refine(powerOfTwo),
      r: z.int().min(1).max(64),
      p: z.int().min(1).max(64),
      dklen: z.literal(32),
      salt: hex({ min: 8, max: 64 }),
    })
    .refine(({ n, r, p }) => n * r * p <= MAX_SCRYPT_WORK),
  mac: hex({ min: 32, max: 32 }),
});

const keystoreSchema = z
  .object({
    version: z.literal(3),
    address: hex({ min: 20, max: 20 }),
    crypto: cryptoSchema.optional(),
    // ethers and geth before 2016 write it with a capital.
    Crypto: cryptoSchema.optional(),
  })
  .transform(({ version, address, crypto, Crypto }) => ({ version, address, crypto: crypto ?? Crypto }))
  .refine(({ crypto }) => crypto !== undefined);

/**
 * Makes a new key (or takes `privateKey`, 32 bytes) and seals it into a V3 keystore (Web3 Secret Storage).
 * @throws SCHEMA (a private key that is none)
 */
export async function createKeystore({
  password,
  privateKey = randomBytes(32),
}: {
  readonly password: string;
  readonly privateKey?: Uint8Array;
}): Promise<{ readonly json: string; readonly account: Account }> {
  const { account } = openLocalAccount(privateKey);
  const json = await encryptKeystoreJson(
    { address: account, privateKey: `0x${Buffer.from(privateKey).toString('hex')}` },
    password,
    { scrypt: { N: SCRYPT_N, r: 8, p: 1 } },
  );
  return { json, account };
}

/**
 * Opens a V3 keystore sealed with scrypt; one that would cost more than geth's standard work is refused unopened.
 * @throws WRONG_PASSWORD, SCHEMA
 */
export async function openKeystore({
  json,
  password,
}: {
  readonly json: string;
  readonly password: string;
}): Promise<LocalAccount> {
  const keystore = parseKeystore(json);
  const account = openLocalAccount(await decrypt(keystore, password));
  if (account.account.slice(2) !== keystore.address.replace(/^0x/, '').toLowerCase()) {
    throw new DewproofError('SCHEMA', 'The keystore holds the key of another account than it says; restore a backup.');
  }
  return account;
}

/** What is parsed here is written anew for ethers, which reads fields in any letter case: none may hide from us. */
function parseKeystore(json: string): z.infer<typeof keystoreSchema> {
  const parsed = json.length > MAX_KEYSTORE_CHARS ? undefined : keystoreSchema.safeParse(parseJson(json)).data;
  if (parsed) return parsed;
  throw new DewproofError(
    'SCHEMA',
    `This is no V3 keystore sealed with scrypt (n * r * p at most ${MAX_SCRYPT_WORK}); check that it is the right file.`,
  );
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

async function decrypt(keystore: z.infer<typeof keystoreSchema>, password: string): Promise<Uint8Array> {
  // The address is compared by us: ethers' error would be mistaken for a wrong password.
  const { privateKey } = await decryptKeystoreJson(
    JSON.stringify({ version: keystore.version, crypto: keystore.crypto }),
    password,
  ).catch(() => {
    // Only the MAC is left to fail. No cause: it would carry the library's view of the secret.
    throw new DewproofError('WRONG_PASSWORD', 'The password does not open this keystore; check the password file.');
  });
  return Buffer.from(privateKey.slice(2), 'hex');
}
