import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  scrypt,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { WITNESS_NAME_PATTERN } from '../../core/witness/witness-name.ts';
import { toHex } from '../light/hex.ts';
import type { Witness } from '../light/witness/cosignature.ts';
import type { SigningWitness } from '../light/witness/sign-note.ts';

/** As new V3 keystores: 32 MiB, which a Raspberry Pi bears. */
const COST = { N: 32_768, r: 8, p: 1 } as const;
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const MAX_KEY_CHARS = 4096;

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`));

const keySchema = z.strictObject({
  apiVersion: z.literal('dewproof/v1'),
  kind: z.literal('WitnessKey'),
  name: z.string().regex(WITNESS_NAME_PATTERN),
  publicKey: hex(32),
  crypto: z.strictObject({
    kdf: z.literal('scrypt'),
    // Fixed: no file has us spend more than we chose.
    n: z.literal(COST.N),
    r: z.literal(COST.r),
    p: z.literal(COST.p),
    salt: hex(32),
    cipher: z.literal('aes-256-gcm'),
    iv: hex(12),
    tag: hex(16),
    ciphertext: hex(48),
  }),
});

/** Makes a new Ed25519 key for a witness called `name`, sealed with a password (scrypt, AES-256-GCM). @throws SCHEMA (a name that is none) */
export async function createWitnessKey({
  name,
  password,
}: {
  readonly name: string;
  readonly password: string;
}): Promise<{ readonly json: string; readonly witness: Witness }> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const witness = { name, publicKey: publicKeyOf(privateKey) };
  const salt = randomBytes(32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await deriveKey({ password, salt }), iv).setAAD(ownerOf(witness));
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' });
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  const sealed = { salt: toHex(salt), iv: toHex(iv), tag: toHex(cipher.getAuthTag()), ciphertext: toHex(ciphertext) };
  const { N: n, r, p } = COST;
  const key = {
    apiVersion: 'dewproof/v1',
    kind: 'WitnessKey',
    ...witness,
    crypto: { kdf: 'scrypt', n, r, p, cipher: 'aes-256-gcm', ...sealed },
  };
  parseKey(JSON.stringify(key));
  return { json: `${JSON.stringify(key, undefined, 2)}\n`, witness };
}

/** Opens a witness's key; its name and public key are bound to the sealed part. @throws WRONG_PASSWORD, SCHEMA */
export async function openWitnessKey({
  json,
  password,
}: {
  readonly json: string;
  readonly password: string;
}): Promise<SigningWitness> {
  const { name, publicKey, crypto } = parseKey(json);
  const witness = { name, publicKey: publicKey as `0x${string}` };
  const key = await deriveKey({ password, salt: bytesOf(crypto.salt) });
  const decipher = createDecipheriv('aes-256-gcm', key, bytesOf(crypto.iv), { authTagLength: 16 })
    .setAAD(ownerOf(witness))
    .setAuthTag(bytesOf(crypto.tag));
  const opened = decipher.update(bytesOf(crypto.ciphertext));
  try {
    decipher.final();
  } catch {
    // No cause: it would carry the library's view of the secret.
    throw new DewproofError('WRONG_PASSWORD', 'The password does not open this key, or the file was altered.');
  }
  const privateKey = createPrivateKey({ key: opened, format: 'der', type: 'pkcs8' });
  if (publicKeyOf(privateKey) === publicKey) return { ...witness, privateKey };
  throw new DewproofError('SCHEMA', 'The file holds another key than it says; restore a backup.');
}

function parseKey(json: string): z.infer<typeof keySchema> {
  const parsed = json.length > MAX_KEY_CHARS ? undefined : keySchema.safeParse(parseJson(json)).data;
  if (parsed) return parsed;
  throw new DewproofError('SCHEMA', 'This is no witness’s key, or its name is not of a-z, 0-9, `.`, `/` and `-`.');
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function deriveKey({ password, salt }: { readonly password: string; readonly salt: Uint8Array }): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password, salt, 32, { ...COST, maxmem: MAX_MEMORY_BYTES }, (error, key) => {
    if (error) reject(error);
    else resolve(key);
  });
  return promise;
}

function publicKeyOf(privateKey: KeyObject): `0x${string}` {
  return toHex(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32));
}

function ownerOf({ name, publicKey }: Witness): Uint8Array {
  return Buffer.from(`dewproof witness key v1\n${name}\n${publicKey}\n`, 'utf8');
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex');
}
