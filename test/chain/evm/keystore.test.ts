import { verifyMessage } from 'ethers/hash';
import { Wallet } from 'ethers/wallet';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createKeystore, openKeystore } from '../../../chain/evm/keystore.ts';
import { openLocalAccount } from '../../../chain/evm/local-account.ts';

const password = 'correct horse';

interface Keystore {
  crypto: Record<string, unknown> & { kdfparams: Record<string, unknown> };
}

async function sampleKeystore(): Promise<{ text: string; json: Keystore & Record<string, unknown>; account: string }> {
  const { json: text, account } = await createKeystore({ password, privateKey: Buffer.alloc(32, 7) });
  const { Crypto, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return { text, account, json: { ...rest, crypto: Crypto } as Keystore & Record<string, unknown> };
}

describe('a keystore', () => {
  test('opens with its password to the key that was sealed, and signs as its account', async () => {
    const { json, account } = await createKeystore({ password });
    const opened = await openKeystore({ json, password });
    expect(opened.account).toBe(account);
    const message = Buffer.from('hello');
    expect(verifyMessage(message, await opened.signMessage(message)).toLowerCase()).toBe(account);
    expect(openLocalAccount(opened.privateKey).account).toBe(account);
  });

  test('is what other tools write and read (V3, scrypt with n = 32768)', async () => {
    const { text, account } = await sampleKeystore();
    expect(JSON.parse(text)).toMatchObject({
      version: 3,
      Crypto: { kdf: 'scrypt', kdfparams: { n: 32_768, r: 8, p: 1 } },
    });
    expect((await Wallet.fromEncryptedJson(text, password)).address.toLowerCase()).toBe(account);
    const foreign = await new Wallet(`0x${'07'.repeat(32)}`).encrypt(password);
    expect((await openKeystore({ json: foreign, password })).account).toBe(account);
  });

  test('does not open with another password', async () => {
    const { text } = await sampleKeystore();
    for (const wrong of ['', 'Correct horse', `${password} `]) {
      await expect(openKeystore({ json: text, password: wrong })).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    }
  });

  test('that was tampered with does not open', async () => {
    const { json } = await sampleKeystore();
    const other = JSON.stringify({ ...json, address: '11'.repeat(20) });
    await expect(openKeystore({ json: other, password })).rejects.toMatchObject({ code: 'SCHEMA' });
    const ciphertext = JSON.stringify({ ...json, crypto: { ...json.crypto, ciphertext: '11'.repeat(32) } });
    await expect(openKeystore({ json: ciphertext, password })).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
  });

  test('that would cost a fortune to open is refused at once', async () => {
    const { json } = await sampleKeystore();
    const giants = [
      { n: 2 ** 20 },
      { n: 2 ** 40 },
      { r: 2 ** 20 },
      { p: 2 ** 20 },
      { n: 2 ** 18, r: 64 },
      { n: 2 ** 18, p: 64 },
    ];
    const odd = [{ n: 3 }, { n: 0 }, { n: '32768' }, { r: 0 }, { dklen: 64 }, { salt: 'zz' }];
    const began = performance.now();
    for (const params of [...giants, ...odd]) {
      const kdfparams = { ...json.crypto.kdfparams, ...params };
      const text = JSON.stringify({ ...json, crypto: { ...json.crypto, kdfparams } });
      await expect(openKeystore({ json: text, password })).rejects.toMatchObject({ code: 'SCHEMA' });
    }
    // The cheapest of the giants takes seconds.
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('does not hide a giant behind letter case, which ethers ignores', async () => {
    const { json } = await sampleKeystore();
    const giant = { ...json.crypto, kdfparams: { ...json.crypto.kdfparams, n: 2 ** 24 } };
    const began = performance.now();
    const hidden = JSON.stringify({ CRYPTO: giant, ...json });
    expect((await openKeystore({ json: hidden, password })).account).toBeDefined();
    const params = JSON.stringify({ ...json, crypto: { KDFPARAMS: giant.kdfparams, ...json.crypto } });
    expect((await openKeystore({ json: params, password })).account).toBeDefined();
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  test.for(['', '{', 'null', '[]', '{}', '{"version":3}', ' '.repeat(20_000), '{"version":1,"crypto":{}}'])(
    '%s is none',
    async (json) => {
      await expect(openKeystore({ json, password })).rejects.toMatchObject({ code: 'SCHEMA' });
    },
  );

  test('of another way to derive the key is refused', async () => {
    const { json } = await sampleKeystore();
    const text = JSON.stringify({ ...json, crypto: { ...json.crypto, kdf: 'pbkdf2', kdfparams: { c: 1e12 } } });
    await expect(openKeystore({ json: text, password })).rejects.toMatchObject({ code: 'SCHEMA' });
  });
});

describe('a local account', () => {
  test('shows its key to no log', () => {
    const account = openLocalAccount(Buffer.alloc(32, 7));
    expect(JSON.stringify({ account, spread: { ...account } })).not.toMatch(/privateKey|,7,/);
    expect(inspect(account)).not.toMatch(/privateKey|07 07/);
  });

  test('keeps its key when the caller wipes its own copy', async () => {
    const key = Buffer.alloc(32, 7);
    const account = openLocalAccount(key);
    key.fill(0);
    expect(openLocalAccount(account.privateKey).account).toBe(account.account);
    expect(verifyMessage('x', await account.signMessage(Buffer.from('x'))).toLowerCase()).toBe(account.account);
  });

  test.for([Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(31, 7), Buffer.alloc(33, 7)])(
    '%o is no key',
    (key) => {
      expect(() => openLocalAccount(key)).toThrow(expect.objectContaining({ code: 'SCHEMA' }) as Error);
    },
  );
});
