import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { fromHex, toHex } from '../../../../chain/light/hex.ts';
import { extraToHash, extraToSeal, parseQbftExtra } from '../../../../chain/light/qbft/extra-data.ts';
import { parseHeader } from '../../../../chain/light/qbft/header.ts';
import { blockHash, sealedHash } from '../../../../chain/light/qbft/header-hash.ts';
import { verifyQbft } from '../../../../chain/light/qbft/verify-qbft.ts';
import { verifySeals } from '../../../../chain/light/qbft/verify-seals.ts';
import { decodeRlp, encodeRlp, integerBytes, rlpBytes, rlpList } from '../../../../chain/light/rlp.ts';
import { replaceItem } from '../../../support/test-validators.ts';
import { refusalOf } from './refusal-of.ts';

const hex = z
  .string()
  .regex(/^(?:0x)?(?:[0-9a-f]{2})*$/)
  .transform((text) => fromHex(`0x${text.replace(/^0x/, '')}`));
const text = z.string().transform((value) => value as `0x${string}`);
const vectorSchema = z.object({
  name: z.string(),
  headerRlp: hex.optional(),
  extraData: hex.optional(),
  validators: z.array(text).optional(),
  committers: z.array(text).optional(),
  committedSealHash: text.optional(),
  onChainBlockHash_derived: text.optional(),
  naiveKeccakOfHeader: text.optional(),
  encodeWithoutCommitSeals: hex.optional(),
  encodeWithoutCommitSealsAndRoundNumber: hex.optional(),
  headers: z.array(z.object({ number: z.number(), headerRlp: hex })).optional(),
});
const file = new URL('../../../vectors/qbft.json', import.meta.url);
const { vectors } = z.object({ vectors: z.array(vectorSchema) }).parse(JSON.parse(readFileSync(file, 'utf8')));

function vectorOf(name: string): z.infer<typeof vectorSchema> {
  const found = vectors.find((vector) => vector.name === name);
  if (!found) throw new Error(`No vector ${name}`);
  return found;
}

const cryptos = [await loadProofCrypto(), nobleCrypto];
const real = vectorOf('besu_qbft_real_block_7528');
const realRaw = real.headerRlp ?? new Uint8Array(0);
const realHeader = parseHeader(realRaw);
const realExtra = parseQbftExtra(realHeader.extraData);
const validators = real.validators ?? [];
const anchored = {
  kind: 'qbft' as const,
  validators: [...validators],
  height: 7000,
  hash: `0x${'11'.repeat(32)}` as const,
  epochLength: 30_000,
};

describe('the real Besu block 7528', () => {
  test.each(cryptos)('has the hashes and committers that were recomputed elsewhere: $name', (crypto) => {
    expect(realHeader.height).toBe(7528n);
    expect(realExtra.validators).toEqual(validators);
    expect(toHex(sealedHash({ header: realHeader, extra: realExtra }, crypto))).toBe(real.committedSealHash);
    expect(toHex(blockHash(realHeader, crypto))).toBe(real.onChainBlockHash_derived);
    expect(toHex(crypto.keccak256(realRaw))).toBe(real.naiveKeccakOfHeader);
    expect(verifySeals({ header: realHeader, extra: realExtra }, { validators, crypto })).toEqual(real.committers);
  });

  test.each(cryptos)('is final for who trusts its four validators: $name', (crypto) => {
    const finalized = verifyQbft({ changes: [], head: realHeader }, { finality: anchored, crypto });
    expect(finalized).toMatchObject({ hash: real.onChainBlockHash_derived, members: 4, attestedAt: 1715495307n });
  });

  test('is not for who trusts others, one of which did not seal', () => {
    const other = { ...anchored, validators: [...validators.slice(1), `0x${'ff'.repeat(20)}` as const] };
    // It lists a set of its own; two of the three trusted ones that sealed are too few.
    expect(
      refusalOf(() => verifyQbft({ changes: [], head: realHeader }, { finality: other, crypto: nobleCrypto })),
    ).toBe('QUORUM');
  });

  test('is refused with any bit of it flipped', async () => {
    const crypto = await loadProofCrypto();
    for (let bit = 0; bit < realRaw.length * 8; bit++) {
      const flipped = Uint8Array.from(realRaw);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const verify = () => verifyQbft({ changes: [], head: parseHeader(flipped) }, { finality: anchored, crypto });
      expect(refusalOf(verify), `bit ${bit}`).toBeDefined();
    }
  });

  const withSeals = (change: (seals: readonly Uint8Array[]) => readonly Uint8Array[]) => {
    const extra = replaceItem(decodeRlp(realHeader.extraData), { path: [4], by: change(realExtra.seals) });
    return parseHeader(encodeRlp(replaceItem(decodeRlp(realRaw), { path: [12], by: encodeRlp(extra) })));
  };
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const highS = (seal: Uint8Array) => {
    const s = ORDER - BigInt(toHex(seal.subarray(32, 64)));
    return Uint8Array.from([...seal.subarray(0, 32), ...integerBytes(s), 1 - (seal[64] ?? 0)]);
  };
  test.each<[string, (seals: readonly Uint8Array[]) => readonly Uint8Array[], string]>([
    ['two of its three seals', (seals) => seals.slice(0, 2), 'QUORUM'],
    ['no seals', () => [], 'QUORUM'],
    ['one seal three times', (seals) => seals.slice(0, 1).flatMap((one) => [one, one, one]), 'seal-twice'],
    ['a seal twice beside the others', (seals) => [...seals, ...seals.slice(0, 1)], 'seal-twice'],
    ['five seals of four', (seals) => [...seals, ...seals.slice(0, 2)], 'seal-count'],
    ['a seal with a high s', ([first, ...rest]) => [highS(first ?? realRaw), ...rest], 'seal-form'],
    ["a stranger's seal", ([, ...rest]) => [new Uint8Array(65).fill(1), ...rest], 'seal-stranger'],
    ['a seal of no key', ([, ...rest]) => [new Uint8Array(65), ...rest], 'seal-form'],
    ['a short seal', ([first, ...rest]) => [(first ?? realRaw).subarray(1), ...rest], 'rlp-length'],
  ])('is refused with %s', (_, change, check) => {
    const verify = () =>
      verifyQbft({ changes: [], head: withSeals(change) }, { finality: anchored, crypto: nobleCrypto });
    expect(refusalOf(verify)).toBe(check);
  });

  test('cannot take the seals of another block of the same validators', () => {
    const later = encodeRlp(replaceItem(decodeRlp(realRaw), { path: [11], by: integerBytes(realHeader.time + 1n) }));
    const verify = () =>
      verifyQbft({ changes: [], head: parseHeader(later) }, { finality: anchored, crypto: nobleCrypto });
    expect(refusalOf(verify)).toBe('seal-stranger');
  });

  test('at the anchor’s height is the anchor’s block, below it is refused', () => {
    const at = { ...anchored, height: 7528 };
    const verify = (finality: typeof at) =>
      refusalOf(() => verifyQbft({ changes: [], head: realHeader }, { finality, crypto: nobleCrypto }));
    expect(verify(at)).toBe('EQUIVOCATION');
    expect(verify({ ...at, hash: real.onChainBlockHash_derived ?? '0x' })).toBeUndefined();
    expect(verify({ ...anchored, height: 7529 })).toBe('ROLLBACK');
  });
});

describe("other chains' vectors", () => {
  test("Besu's codec test", () => {
    const vector = vectorOf('besu_QbftExtraDataCodecTest_RAW_HEX_ENCODING_STRING');
    const extra = parseQbftExtra(vector.extraData ?? new Uint8Array(0));
    expect(extra.vote).toBeDefined();
    expect(extra.seals).toHaveLength(2);
    expect(toHex(extraToSeal(extra))).toBe(toHex(vector.encodeWithoutCommitSeals ?? realRaw));
    expect(toHex(extraToHash(extra))).toBe(toHex(vector.encodeWithoutCommitSealsAndRoundNumber ?? realRaw));
  });

  test.each(['besu_qbft_real_extraData_1_validators', 'besu_qbft_real_extraData_4_validators'])('%s', (name) => {
    const { extraData, validators: listed } = vectorOf(name);
    expect(parseQbftExtra(extraData ?? realRaw).validators).toEqual(listed);
  });

  test("GoQuorum's empty vanity, but not its codec test's unsorted validators: no chain's headers have any", () => {
    const { extraData = realRaw } = vectorOf('goquorum_qbft_extra');
    expect(refusalOf(() => parseQbftExtra(extraData))).toBe('extra-order');
    const items = rlpList(decodeRlp(extraData));
    const sorted = replaceItem(items, {
      path: [1],
      by: rlpList(items[1]).toSorted((one, other) => Buffer.compare(rlpBytes(one), rlpBytes(other))),
    });
    expect(parseQbftExtra(encodeRlp(sorted)).seals).toEqual([]);
  });

  test('IBFT 2 is not taken for QBFT', () => {
    const { headerRlp } = vectorOf('besu_ibft2_BftBlockHashingTest_regenerated');
    expect(refusalOf(() => parseQbftExtra(parseHeader(headerRlp ?? realRaw).extraData))).toBeDefined();
  });

  test("Clique's headers are hashed as they are: each names the one before it", () => {
    const headers = vectorOf('besu_acceptance_clique_blocks').headers ?? [];
    expect(headers.length).toBeGreaterThan(1);
    const parsed = headers.map(({ headerRlp }) => parseHeader(headerRlp));
    for (const [index, header] of parsed.entries()) {
      const parent = parsed[index - 1];
      if (parent && header.height === parent.height + 1n) {
        expect(header.items[0]).toEqual(blockHash(parent, nobleCrypto));
      }
    }
  });
});

describe('a header', () => {
  const items = rlpList(decodeRlp(realRaw));
  const zero = new Uint8Array(0);
  const hash = new Uint8Array(32);
  test.each([0, 1, 2, 3, 4, 5, 6])('may have %i of the fields that forks added', (count) => {
    const added = [zero, hash, zero, zero, hash, hash].slice(0, count);
    expect(parseHeader(encodeRlp([...items, ...added])).items).toHaveLength(15 + count);
  });
  test.each<[string, number, Uint8Array, string]>([
    ['a state root of 31 bytes', 3, hash.subarray(1), 'rlp-length'],
    ['a height with a leading zero', 8, Uint8Array.of(0, 5), 'rlp-integer'],
    ['a height of nine bytes', 8, new Uint8Array(9).fill(1), 'rlp-integer'],
    ['a short bloom', 6, hash, 'rlp-length'],
    ['a short nonce', 14, hash, 'rlp-length'],
  ])('has not %s', (_, at, by, check) => {
    expect(refusalOf(() => parseHeader(encodeRlp(replaceItem(items, { path: [at], by }))))).toBe(check);
  });
  test('has 15 to 21 fields and at most 32 KiB', () => {
    expect(refusalOf(() => parseHeader(encodeRlp(items.slice(0, 14))))).toBe('header-fields');
    const many = [...items, zero, hash, zero, zero, hash, hash, hash];
    expect(refusalOf(() => parseHeader(encodeRlp(many)))).toBe('header-fields');
    expect(refusalOf(() => parseHeader(new Uint8Array(33 * 1024)))).toBe('header-size');
  });

  const extraItems = rlpList(decodeRlp(realHeader.extraData));
  const listed = rlpList(extraItems[1]);
  test.each<[string, number, Parameters<typeof replaceItem>[1]['by'], string]>([
    ['a vanity of 31 bytes', 0, hash.subarray(1), 'rlp-length'],
    ['validators out of order', 1, [...listed].reverse(), 'extra-order'],
    ['a validator twice', 1, [...listed, ...listed.slice(-1)], 'extra-order'],
    ['a validator of 19 bytes', 1, [hash.subarray(13)], 'rlp-length'],
    [
      'more validators than anyone runs',
      1,
      Array.from({ length: 129 }, (_, at) => Uint8Array.from([at, ...hash.subarray(13)])),
      'extra-count',
    ],
    ['a vote of another type', 2, [hash.subarray(12), Uint8Array.of(1)], 'extra-vote'],
    ['a vote of two bytes', 2, [hash.subarray(12), Uint8Array.of(0xff, 0)], 'extra-vote'],
    ['a vote of three parts', 2, [hash.subarray(12), Uint8Array.of(0xff), zero], 'extra-vote'],
    ['a round with a leading zero', 3, Uint8Array.of(0, 1), 'rlp-integer'],
    ['a round of five bytes', 3, new Uint8Array(5).fill(1), 'rlp-integer'],
  ])('has no QBFT extraData with %s', (_, at, by, check) => {
    expect(refusalOf(() => parseQbftExtra(encodeRlp(replaceItem(extraItems, { path: [at], by }))))).toBe(check);
  });
  test('has QBFT extraData of five parts', () => {
    expect(refusalOf(() => parseQbftExtra(encodeRlp([...extraItems, zero])))).toBe('extra-shape');
    expect(refusalOf(() => parseQbftExtra(encodeRlp(extraItems.slice(0, 4))))).toBe('extra-shape');
  });
});
