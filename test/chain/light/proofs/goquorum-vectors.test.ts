import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import type { Rpc } from '../../../../chain/evm/json-rpc.ts';
import { findChanges } from '../../../../chain/light/make/find-changes.ts';
import { readHeader } from '../../../../chain/light/make/read-header.ts';
import { parseQbftExtra, type ValidatorVote } from '../../../../chain/light/qbft/extra-data.ts';
import type { Header } from '../../../../chain/light/qbft/header.ts';
import { verifyQbft, type QbftFinality } from '../../../../chain/light/qbft/verify-qbft.ts';
import { refusalOf } from './refusal-of.ts';

const accounts = z.array(z.string().transform((text) => text as `0x${string}`));
const block = z.looseObject({ number: z.string(), hash: z.string(), extraData: z.string() });
const blocksSchema = z.record(z.string(), block);
const qbftSchema = z.object({
  kind: z.literal('qbft'),
  validators: accounts,
  height: z.number(),
  hash: z.string().transform((text) => text as `0x${string}`),
  epochLength: z.number(),
});
const vectorsSchema = z.object({
  finality: qbftSchema,
  blocks: blocksSchema,
  elsewhere: blocksSchema,
  epochs: z.object({ finality: qbftSchema, blocks: blocksSchema }),
  carried: z.object({ finality: qbftSchema, blocks: blocksSchema }),
});
const file = new URL('../../../vectors/goquorum.json', import.meta.url);
const vectors = vectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const finality: QbftFinality = vectors.finality;
const heights = Object.keys(vectors.blocks).map(Number);
const cryptos = [await loadProofCrypto(), nobleCrypto];
const [crypto] = cryptos as [typeof nobleCrypto];

/** A node that answers what GoQuorum answered. */
function nodeOf(blocks: typeof vectors.blocks): Rpc {
  return {
    url: 'http://127.0.0.1:22001',
    call: ({ params, answer }) => Promise.resolve(answer.parse(blocks[Number(params[0])])),
  };
}

const node = nodeOf(vectors.blocks);

async function headerAt(height: number, { rpc = node, by = crypto } = {}): Promise<Header> {
  const header = await readHeader({ height: BigInt(height) }, { rpc, crypto: by });
  if (!header) throw new Error(`No block ${height}`);
  return header;
}

const extraOf = async (height: number) => parseQbftExtra((await headerAt(height)).extraData);

/** Verifies a block for a device that was given the anchor, by the headers of `changes`. */
async function verdictOf(height: number, { changes = [] as readonly number[], by = crypto } = {}) {
  const raws = await Promise.all(changes.map(async (one) => (await headerAt(one)).raw));
  const head = await headerAt(height);
  return verifyQbft({ changes: raws, head }, { finality, crypto: by });
}

const OUT = { recipient: '0x4c4e757de1b42cf70fe03617fde2a3533eb5e8ea', adds: false } as const;
const BACK = { ...OUT, adds: true };
const FIFTH = { recipient: '0xc4639aa3dfe0d65bd2a99530524f2f3f77890784', adds: true } as const;

describe('blocks as GoQuorum 24.4.1 answers them', () => {
  test.each(cryptos)('have the hashes that it says: $name', async (by) => {
    for (const height of heights) {
      const { hash } = vectors.blocks[height] ?? {};
      // `readHeader` makes the hash anew and refuses another.
      expect((await headerAt(height, { by })).height).toBe(BigInt(height));
      if (height === finality.height) expect(hash).toBe(finality.hash);
    }
  });

  test.each<[number, number, number]>([
    [54, 0, 3],
    [194, 1, 3],
    [202, 5, 3],
  ])('block %i of round %i is final by exactly a quorum', async (height, round, signers) => {
    expect((await extraOf(height)).round).toEqual(Uint8Array.of(round === 0 ? 0x80 : round));
    for (const by of cryptos) {
      expect(await verdictOf(height, { by })).toMatchObject({ hash: vectors.blocks[height]?.hash, members: 4 });
      expect((await verdictOf(height, { by })).signers).toHaveLength(signers);
    }
  });

  test('each node keeps the seals that it saw first: one hash, other bytes', async () => {
    const here = await headerAt(202);
    const there = await headerAt(202, { rpc: nodeOf(vectors.elsewhere) });
    expect(vectors.elsewhere[202]?.hash).toBe(vectors.blocks[202]?.hash);
    expect(there.raw).not.toEqual(here.raw);
    expect(verifyQbft({ changes: [], head: there }, { finality, crypto })).toMatchObject({ members: 4 });
  });

  test('say in 32 bytes of vanity which program made them', async () => {
    const { extraData } = await headerAt(202);
    expect(Buffer.from(extraData).toString('latin1')).toContain('geth');
  });
});

describe('votes of GoQuorum', () => {
  test.each<[ValidatorVote, readonly number[]]>([
    [OUT, [233, 235, 236]],
    [BACK, [937, 938]],
    [FIFTH, [966, 967, 968]],
  ])('%j stands in the headers of %j', async (vote, blocks) => {
    for (const height of blocks) expect((await extraOf(height)).vote).toEqual(vote);
  });

  test.each<[string, number, readonly number[], number, number]>([
    ['four became three', 237, [233, 235, 236], 2, 3],
    ['and four again', 939, [233, 235, 236], 3, 4],
    ['and five', 969, [233, 235, 236, 939, 966, 967, 968], 4, 5],
    ['of whom one was gone', 1011, [233, 235, 236, 939, 966, 967, 968], 4, 5],
  ])('lead a device along: %s', async (_, height, changes, signers, members) => {
    const verdict = await verdictOf(height, { changes });
    expect(verdict).toMatchObject({ hash: vectors.blocks[height]?.hash, members });
    expect(verdict.signers).toHaveLength(signers);
    const short = changes.slice(1);
    await expect(verdictOf(height, { changes: short })).rejects.toThrow();
  });

  test.each<[string, number, number, readonly number[]]>([
    ['of four to three', finality.height, 237, [233, 235, 236]],
    // Both were proposed at once: the first block of the four casts the first vote of the next change.
    ['of five to four and at once to three', 1790, 1805, [1798, 1800, 1801, 1802, 1803, 1804]],
  ])('are found by whoever makes a bundle: %s', async (_, begins, height, votes) => {
    const { hash } = vectors.blocks[begins] ?? {};
    const { validators } = await extraOf(begins);
    const since = { ...finality, validators: [...validators], height: begins, hash: hash as `0x${string}` };
    // Between the blocks kept here nothing changed: the one before stands for each.
    const kept = (one: bigint) => headerAt(heights.findLast((other) => BigInt(other) <= one) ?? 0);
    const head = await headerAt(height);
    const changes = await findChanges(head, { finality: since, headerAt: kept, crypto });
    expect(changes).toEqual(await Promise.all(votes.map(async (one) => (await headerAt(one)).raw)));
    expect(refusalOf(() => verifyQbft({ changes, head }, { finality: since, crypto }))).toBeUndefined();
  });

  test('lapse with their epoch of six blocks, of which the 24th block is the first', async () => {
    const rpc = nodeOf(vectors.epochs.blocks);
    const head = await headerAt(26, { rpc });
    const verdict = async (heights: readonly number[]) => {
      const changes = await Promise.all(heights.map(async (height) => (await headerAt(height, { rpc })).raw));
      return refusalOf(() => verifyQbft({ changes, head }, { finality: vectors.epochs.finality, crypto }));
    };
    // Had the vote of block 23 counted, the set would have changed in block 25.
    expect(parseQbftExtra((await headerAt(25, { rpc })).extraData).validators).toHaveLength(3);
    expect(parseQbftExtra(head.extraData).validators).toHaveLength(4);
    expect(await verdict([24, 25])).toBeUndefined();
    expect(await verdict([23, 24])).toBe('vote-epoch');
  });

  test('on one member go on counting when another was voted out in between', async () => {
    const { finality: since, blocks } = vectors.carried;
    const rpc = nodeOf(blocks);
    const head = await headerAt(22, { rpc });
    const found = await findChanges(head, {
      finality: since,
      headerAt: (one) => headerAt(Number(one), { rpc }),
      crypto,
    });
    const verdict = (changes: readonly Uint8Array[]) =>
      refusalOf(() => verifyQbft({ changes, head }, { finality: since, crypto }));
    const headers = await Promise.all([11, 13, 16, 17, 18, 21].map((height) => headerAt(height, { rpc })));
    expect(headers.map(({ height }) => height)).toEqual([11n, 13n, 16n, 17n, 18n, 21n]);
    expect(found).toEqual(headers.map(({ raw }) => raw));
    expect(verdict(found)).toBeUndefined();
    for (const left of found) expect(verdict(found.filter((one) => one !== left))).toBeDefined();
  });
});
