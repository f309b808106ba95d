import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../../../chain/light/hex.ts';
import { createValidators, sealHash } from '../../../support/test-validators.ts';

const fast = await loadProofCrypto();
const both = [fast, nobleCrypto];
const [signer] = createValidators(1);
if (!signer) throw new TypeError('no signer');

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELD = 2n ** 256n - 2n ** 32n - 977n;
const word = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const hash = nobleCrypto.keccak256(Buffer.from('a block'));
const good = sealHash(hash, signer);

function sealOf({
  r = good.subarray(0, 32),
  s = good.subarray(32, 64),
  v = good[64] ?? 0,
}: {
  r?: Uint8Array;
  s?: Uint8Array;
  v?: number;
}): Uint8Array {
  return Uint8Array.from([...r, ...s, v]);
}

describe('the primitives of proofs', () => {
  test('run natively and in WebAssembly where the package set has both, and say so', () => {
    expect(fast.name).toBe('secp256k1 native, keccak256 WebAssembly');
    expect(nobleCrypto.name).toBe('secp256k1 @noble, keccak256 @noble');
  });

  test('hash as Ethereum does', () => {
    for (const { keccak256 } of both) {
      expect(toHex(keccak256(new Uint8Array(0)))).toBe(
        '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
      );
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(toHex(fast.keccak256(bytes))).toBe(toHex(nobleCrypto.keccak256(bytes)));
      }),
    );
  });

  test('a hash that was returned stays as it was', () => {
    for (const { keccak256 } of both) {
      const first = keccak256(Uint8Array.of(1));
      const text = toHex(first);
      keccak256(Uint8Array.of(2));
      expect(toHex(first)).toBe(text);
    }
  });

  test('recover whoever sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 50 }), (digest, key) => {
        const [one] = createValidators(1, { from: key });
        if (!one) throw new TypeError('no signer');
        const seal = sealHash(digest, one);
        for (const { recover } of both) expect(recover(seal, digest)).toBe(one.account);
      }),
      { numRuns: 30 },
    );
  });

  const highS = word(ORDER - BigInt(toHex(good.subarray(32, 64))));
  test.each([
    ['a high s, with its v', sealOf({ s: highS, v: 1 - (good[64] ?? 0) })],
    ['a high s', sealOf({ s: highS })],
    ['s of n/2 and one', sealOf({ s: word((ORDER >> 1n) + 1n) })],
    ['v 27', sealOf({ v: 27 + (good[64] ?? 0) })],
    ['v 2', sealOf({ v: 2 })],
    ['v 3', sealOf({ v: 3 })],
    ['v 255', sealOf({ v: 255 })],
    ['r 0', sealOf({ r: word(0n) })],
    ['s 0', sealOf({ s: word(0n) })],
    ['r n', sealOf({ r: word(ORDER) })],
    ['r beyond n', sealOf({ r: word(ORDER + 1n) })],
    ['r beyond the field', sealOf({ r: word(FIELD + 1n) })],
    ['s n', sealOf({ s: word(ORDER) })],
    ['all ones', new Uint8Array(65).fill(0xff)],
    ['r of no point', sealOf({ r: word(5n) })],
    ['64 bytes', good.subarray(0, 64)],
    ['66 bytes', Uint8Array.from([...good, 0])],
    ['nothing', new Uint8Array(0)],
  ])('refuse %s', (_, seal) => {
    for (const { recover } of both) expect(recover(seal, hash)).toBeUndefined();
  });

  test('take the largest low s for a signature, and no hash of another length', () => {
    const verdicts = both.map(({ recover }) => recover(sealOf({ s: word(ORDER >> 1n) }), hash));
    expect(verdicts[0]).toBeDefined();
    expect(verdicts[0]).toBe(verdicts[1]);
    for (const { recover } of both) {
      expect(recover(good, hash.subarray(0, 31))).toBeUndefined();
      expect(recover(good, Uint8Array.from([...hash, 0]))).toBeUndefined();
    }
  });

  test('refuse what leads to the point at infinity', () => {
    // R = k·G with s·R = hash·G has the key (s·R - hash·G)/r = 0.
    const k = 7n;
    const point = secp256k1.Point.BASE.multiply(k).toAffine();
    const s = 5n;
    const digest = word((s * k) % ORDER);
    const seal = sealOf({ r: word(point.x), s: word(s), v: Number(point.y & 1n) });
    for (const { recover } of both) expect(recover(seal, digest)).toBeUndefined();
  });

  test('agree on everything', () => {
    const edge = fc.constantFrom(
      0n,
      1n,
      2n,
      ORDER >> 1n,
      (ORDER >> 1n) + 1n,
      ORDER - 1n,
      ORDER,
      FIELD,
      2n ** 256n - 1n,
    );
    const scalar = fc.oneof(edge, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }));
    const digest = fc.oneof(scalar.map(word), fc.constant(hash));
    fc.assert(
      fc.property(scalar, scalar, fc.integer({ min: 0, max: 4 }), digest, (r, s, v, over) => {
        const seal = sealOf({ r: word(r), s: word(s), v });
        expect(fast.recover(seal, over)).toBe(nobleCrypto.recover(seal, over));
      }),
      { numRuns: 300 },
    );
  });
});
