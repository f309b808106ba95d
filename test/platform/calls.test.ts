import { signRequest, type SignOptions } from '@slicekit/erc8128';
import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import type { HttpCall, NonceStore, VerifyCall } from '../../core/calls.ts';
import { DewproofError } from '../../core/errors.ts';
import { createLevelNonces } from '../../platform/calls/level-nonces.ts';
import { createCallSigner } from '../../platform/calls/sign-call.ts';
import { createCallVerifier, MAX_VALIDITY_SECONDS } from '../../platform/calls/verify-call.ts';
import { openStore, sublevelOf } from '../../platform/store/open-store.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { CHAIN_ID, signerOf, walletOf } from './wallets.ts';

const NOW_MS = 1_800_000_000_000;
const now = NOW_MS / 1000;
const body = new TextEncoder().encode('{"temperature":21}');
const put: HttpCall = { method: 'PUT', url: 'http://10.0.0.7:8080/v1/things/a?x=1', headers: {}, body };
const get: HttpCall = { method: 'GET', url: 'http://10.0.0.7:8080/v1/things/a', headers: {}, body: undefined };
const caller = walletOf(1);

function memoryNonces(): NonceStore {
  const seen = new Set<string>();
  return { consume: (key) => Promise.resolve(!seen.has(key) && seen.add(key).has(key)) };
}

function verifierAt(ms = NOW_MS, nonces = memoryNonces()): VerifyCall {
  return createCallVerifier({ isSignedBy, nonces, clock: () => ms, chainId: CHAIN_ID });
}

async function signed(call: HttpCall, chainId = CHAIN_ID): Promise<HttpCall> {
  const signer = createCallSigner({ ...caller, chainId, clock: () => NOW_MS });
  return { ...call, headers: { ...call.headers, ...(await signer.sign(call)) } };
}

/** Signs with the library itself, to make what our own signer would not. */
async function signedWith(options: SignOptions, call: HttpCall = put): Promise<HttpCall> {
  const request = new Request(call.url, { method: call.method, body: new Uint8Array(call.body ?? []) });
  const signer = { ...caller, address: caller.account };
  const { headers } = await signRequest(request, signer, { created: now, expires: now + 60, ...options });
  return { ...call, headers: Object.fromEntries(headers) };
}

function withHeader(call: HttpCall, name: string, change: (value: string) => string): HttpCall {
  return { ...call, headers: { ...call.headers, [name]: change(call.headers[name] ?? '') } };
}

const refused = { code: 'UNAUTHENTICATED' };

describe('a signed call', () => {
  test.each([put, get])('tells its account: $method', async (call) => {
    expect(await verifierAt()(await signed(call))).toBe(caller.account);
  });

  test('is accepted whatever the case of its header names', async () => {
    const call = await signed(put);
    const headers = Object.fromEntries(
      Object.entries(call.headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(await verifierAt()({ ...call, headers })).toBe(caller.account);
  });

  test('is anonymous without any signature', async () => {
    expect(await verifierAt()(put)).toBeUndefined();
  });

  test('is accepted once', async () => {
    const verify = verifierAt();
    const call = await signed(put);
    await verify(call);
    await expect(verify(call)).rejects.toMatchObject({ code: 'REPLAY' });
  });

  test('replaces a content-digest that the caller brought along', async () => {
    const call = await signed({ ...put, headers: { 'content-digest': 'sha-256=:AAAA:' } });
    expect(await verifierAt()(call)).toBe(caller.account);
  });
});

describe('an altered call is refused', () => {
  const alterations: [string, (call: HttpCall) => HttpCall][] = [
    ['method', (call) => ({ ...call, method: 'POST' })],
    ['authority', (call) => ({ ...call, url: call.url.replace('10.0.0.7', '10.0.0.8') })],
    ['port', (call) => ({ ...call, url: call.url.replace(':8080', ':8081') })],
    ['path', (call) => ({ ...call, url: call.url.replace('/a', '/b') })],
    ['query', (call) => ({ ...call, url: call.url.replace('x=1', 'x=2') })],
    ['query taken away', (call) => ({ ...call, url: call.url.replace('?x=1', '') })],
    ['body', (call) => ({ ...call, body: new TextEncoder().encode('{"temperature":99}') })],
    ['body taken away', (call) => ({ ...call, body: undefined })],
    ['content-digest', (call) => withHeader(call, 'content-digest', (value) => value.replace(/=:./, '=:z'))],
    ['signature', (call) => withHeader(call, 'signature', (value) => value.replace(/:..../, ':AAAA'))],
    ['signature taken away', (call) => withHeader(call, 'signature', () => '')],
    ['nonce', (call) => withHeader(call, 'signature-input', (value) => value.replace(/nonce="./, 'nonce="!'))],
    [
      'expiry',
      (call) => withHeader(call, 'signature-input', (value) => value.replace(/expires=18000/, 'expires=18001')),
    ],
    [
      'key',
      (call) => withHeader(call, 'signature-input', (value) => value.replace(caller.account, walletOf(2).account)),
    ],
    ['chain', (call) => withHeader(call, 'signature-input', (value) => value.replace(`:${CHAIN_ID}:`, ':1:'))],
    ['covered parts', (call) => withHeader(call, 'signature-input', (value) => value.replace(' "content-digest"', ''))],
  ];

  test.each(alterations)('%s', async (_part, alter) => {
    const altered = alter(await signed(put));
    await expect(verifierAt()(altered)).rejects.toMatchObject(refused);
  });

  test.each(['signature', 'signature-input'])('without its %s header it is not anonymous', async (name) => {
    const { headers, ...call } = await signed(put);
    const rest = Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name));
    await expect(verifierAt()({ ...call, headers: rest })).rejects.toMatchObject(refused);
  });

  test('a body is added to a call that had none', async () => {
    const call = await signed({ ...put, body: undefined });
    await expect(verifierAt()({ ...call, body })).rejects.toMatchObject(refused);
  });

  test('any bit of its body flipped', async () => {
    const call = await signed(put);
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length * 8 - 1), async (bit) => {
        const flipped = flipBit(body, bit);
        await expect(verifierAt()({ ...call, body: flipped })).rejects.toMatchObject(refused);
      }),
    );
  });

  test('any bit of its signature flipped', async () => {
    const call = await signed(put);
    const signature = Buffer.from(/:(.*):/.exec(call.headers['signature'] ?? '')?.[1] ?? '', 'base64');
    expect(signature).toHaveLength(65);
    await fc.assert(
      fc.asyncProperty(fc.nat(65 * 8 - 1), async (bit) => {
        const flipped = `eth=:${Buffer.from(flipBit(signature, bit)).toString('base64')}:`;
        await expect(verifierAt()(withHeader(call, 'signature', () => flipped))).rejects.toMatchObject(refused);
      }),
      { numRuns: 200 },
    );
  });

  test('any character of its signature input changed', async () => {
    const call = await signed(put);
    const input = call.headers['signature-input'] ?? '';
    await fc.assert(
      fc.asyncProperty(
        fc.nat(input.length - 1),
        fc.constantFrom('x', '0', '"', ' ', ';', ',', '(', ')', '=', ':'),
        async (at, character) => {
          fc.pre(input[at] !== character);
          const changed = input.slice(0, at) + character + input.slice(at + 1);
          await expect(verifierAt()(withHeader(call, 'signature-input', () => changed))).rejects.toMatchObject(refused);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

describe('a signature is refused', () => {
  test('for another chain', async () => {
    await expect(verifierAt()(await signed(put, 1))).rejects.toMatchObject(refused);
  });

  test('that does not cover the body', async () => {
    const unsigned = await signedWith({}, { ...put, body: undefined });
    await expect(verifierAt()({ ...unsigned, body })).rejects.toMatchObject(refused);
  });

  test('that binds its class only', async () => {
    const call = await signedWith({ binding: 'class-bound', components: ['@authority'] });
    await expect(verifierAt()(call)).rejects.toMatchObject(refused);
  });

  test('without a nonce', async () => {
    await expect(verifierAt()(await signedWith({ replay: 'replayable' }))).rejects.toMatchObject(refused);
  });

  test('that is valid for too long', async () => {
    const longest = await signedWith({ expires: now + MAX_VALIDITY_SECONDS });
    expect(await verifierAt()(longest)).toBe(caller.account);
    const longer = await signedWith({ expires: now + MAX_VALIDITY_SECONDS + 1 });
    await expect(verifierAt()(longer)).rejects.toMatchObject(refused);
  });

  test('with headers beyond any of ours', async () => {
    const long = await signedWith({ nonce: 'n'.repeat(1000) });
    await expect(verifierAt()(long)).rejects.toMatchObject(refused);
  });

  test.each(['/v1/../v1/things', '/v1/./things', '/v1/%2e%2e/things', '//v1\\things'])(
    'for %s, which a router may read otherwise',
    async (path) => {
      const url = `http://10.0.0.7:8080${path}`;
      const call = await signed({ ...put, url: new URL(url).href });
      await expect(verifierAt()({ ...call, url })).rejects.toMatchObject(refused);
    },
  );

  test('on a request that is none', async () => {
    const call = await signed(put);
    await expect(verifierAt()({ ...call, method: 'GET' })).rejects.toMatchObject(refused);
    await expect(verifierAt()({ ...call, url: '/relative' })).rejects.toMatchObject(refused);
  });
});

describe('the clock of a caller', () => {
  test.each([
    ['early by the skew', -30, true],
    ['early by more', -31, false],
    ['late by the skew', 60 + 30, true],
    ['late by more', 60 + 31, false],
  ])('%s', async (_what, seconds, accepted) => {
    const verdict = verifierAt(NOW_MS + seconds * 1000)(await signed(put));
    if (accepted) expect(await verdict).toBe(caller.account);
    else await expect(verdict).rejects.toMatchObject(refused);
  });

  test('does not let a call be replayed between its expiry and the end of the skew', async () => {
    const store = await openStore(join(temporaryFolder(), 'db'));
    let ms = NOW_MS;
    const nonces = createLevelNonces(sublevelOf(store, 'nonces'), () => ms);
    const verify = createCallVerifier({ isSignedBy, nonces, clock: () => ms, chainId: CHAIN_ID });
    const call = await signed(put);
    await verify(call);
    for (const seconds of [59, 60, 61, 89, 90]) {
      ms = NOW_MS + seconds * 1000;
      await expect(verify(call)).rejects.toMatchObject({ code: 'REPLAY' });
    }
    ms = NOW_MS + 91_000;
    await expect(verify(call)).rejects.toMatchObject(refused);
    await store.close();
  });
});

describe('the nonces', () => {
  test('of a store that fails are no reason to blame the caller', async () => {
    const full: NonceStore = { consume: () => Promise.reject(new DewproofError('DISK_FULL', 'full')) };
    await expect(verifierAt(NOW_MS, full)(await signed(put))).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  test('of a bad signature are not spent', async () => {
    const nonces = memoryNonces();
    const call = await signed(put);
    await expect(verifierAt(NOW_MS, nonces)({ ...call, method: 'POST' })).rejects.toMatchObject(refused);
    expect(await verifierAt(NOW_MS, nonces)(call)).toBe(caller.account);
  });

  test('outlive a restart', async () => {
    const folder = join(temporaryFolder(), 'db');
    const call = await signed(put);
    for (const expected of ['accepted', 'REPLAY', 'REPLAY']) {
      const store = await openStore(folder);
      const nonces = createLevelNonces(sublevelOf(store, 'nonces'), () => NOW_MS);
      const verdict = verifierAt(NOW_MS, nonces)(call);
      if (expected === 'accepted') expect(await verdict).toBe(caller.account);
      else await expect(verdict).rejects.toMatchObject({ code: expected });
      await store.close();
    }
  });

  test('are consumed by one of many at once', async () => {
    const store = await openStore(join(temporaryFolder(), 'db'));
    const nonces = createLevelNonces(sublevelOf(store, 'nonces'), () => NOW_MS);
    const answers = await Promise.all(Array.from({ length: 20 }, () => nonces.consume('same', 60)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    await store.close();
  });

  test('are forgotten once they have expired, and only then', async () => {
    const store = await openStore(join(temporaryFolder(), 'db'));
    let ms = NOW_MS;
    const part = sublevelOf(store, 'nonces');
    const nonces = createLevelNonces(
      part,
      () => ms,
      () => ms,
    );
    await nonces.consume('short', 10);
    await nonces.consume('long', 300);
    ms += 100_000;
    await nonces.consume('another', 10);
    expect(await part.keys().all()).toHaveLength(2);
    expect(await nonces.consume('long', 300)).toBe(false);
    expect(await nonces.consume('short', 10)).toBe(true);
    await store.close();
  });

  test('are kept though the clock is set forward and back again', async () => {
    const store = await openStore(join(temporaryFolder(), 'db'));
    const part = sublevelOf(store, 'nonces');
    const world = { ms: NOW_MS, elapsedMs: 0 };
    const nonces = createLevelNonces(
      part,
      () => world.ms,
      () => world.elapsedMs,
    );
    expect(await nonces.consume('call', 91)).toBe(true);
    world.ms += 86_400_000;
    for (const elapsedMs of [61_000, 122_000]) {
      world.elapsedMs = elapsedMs;
      await nonces.consume(`another at ${elapsedMs}`, 10);
      world.ms = NOW_MS + 20_000;
      expect(await nonces.consume('call', 71)).toBe(false);
      world.ms = NOW_MS + 86_400_000;
    }
    // Held there for more than an hour, it is what the time is.
    for (const elapsedMs of [4_000_000, 8_000_000]) {
      world.elapsedMs = elapsedMs;
      world.ms += 4_000_000;
      await nonces.consume(`later at ${elapsedMs}`, 10);
    }
    expect(await part.keys().all()).toHaveLength(1);
    world.ms = NOW_MS + 20_000;
    expect(await nonces.consume('call', 71)).toBe(false);
    await store.close();
  });

  test('that decayed on disk count as seen', async () => {
    const store = await openStore(join(temporaryFolder(), 'db'));
    const part = sublevelOf(store, 'nonces');
    const nonces = createLevelNonces(part, () => NOW_MS);
    await nonces.consume('key', 60);
    for (const key of await part.keys().all()) await part.put(key, 'rubbish');
    expect(await nonces.consume('key', 60)).toBe(false);
    await store.close();
  });
});

test('two signatures of one call have different nonces', async () => {
  const signer = signerOf(1);
  const [first, second] = await Promise.all([signer.sign(put), signer.sign(put)]);
  expect(first['signature-input']).not.toBe(second['signature-input']);
});
