import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Rpc } from '../../../../chain/evm/json-rpc.ts';
import type { SetChange } from '../../../../chain/light/bundle/proof-bundle.ts';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import { readHeader } from '../../../../chain/light/make/read-header.ts';
import { readNamedSet } from '../../../../chain/light/make/read-named-set.ts';
import type { Header } from '../../../../chain/light/qbft/header.ts';
import { verifyQbft } from '../../../../chain/light/qbft/verify-qbft.ts';
import { finalitySchema, type Finality, type ValidatorContract } from '../../../../core/state/finality.ts';
import { refusalOf } from './refusal-of.ts';

const file = new URL('../../../vectors/goquorum-contract.json', import.meta.url);
const vectors = z
  .object({
    finality: finalitySchema.transform((one) => one as Extract<Finality, { kind: 'qbft' }>),
    blocks: z.record(z.string(), z.looseObject({ hash: z.string() })),
    proofs: z.record(z.string(), z.looseObject({ storageProof: z.array(z.looseObject({ value: z.string() })) })),
  })
  .parse(JSON.parse(readFileSync(file, 'utf8')));
const { finality } = vectors;
const contract = contractOf(finality);
const crypto = await loadProofCrypto();

/** A node that answers what GoQuorum answered; of a state it proves only whom the contract names. */
const rpc: Rpc = {
  url: 'http://127.0.0.1:23003',
  call: ({ method, params, answer }) =>
    Promise.resolve(
      answer.parse(method === 'eth_getProof' ? vectors.proofs[Number(params[2])] : vectors.blocks[Number(params[0])]),
    ),
};

function contractOf({ contract: named }: typeof finality): ValidatorContract {
  if (!named) throw new TypeError('the anchor names no contract');
  return named;
}

async function headerAt(height: number): Promise<Header> {
  const header = await readHeader({ height: BigInt(height) }, { rpc, crypto });
  if (!header) throw new Error(`No block ${height}`);
  return header;
}

async function namedIn(height: number) {
  const expected = (vectors.proofs[height]?.storageProof.length ?? 1) - 1;
  return readNamedSet({ header: await headerAt(height), expected }, { rpc, contract, crypto });
}

async function changeIn(height: number): Promise<SetChange> {
  const { nodes } = await namedIn(height);
  return [(await headerAt(height)).raw, ...nodes];
}

async function verdictOf(height: number, changed: readonly number[]) {
  const changes = await Promise.all(changed.map(changeIn));
  return verifyQbft({ changes, head: await headerAt(height) }, { finality, crypto });
}

describe('validators whom a contract names, as GoQuorum 24.4.1 proves them', () => {
  test.each<[number, number]>([
    [116, 3],
    [136, 5],
    [157, 2],
    [168, 3],
  ])('in block %i are %i', async (height, members) => {
    const { validators } = await namedIn(height);
    expect(validators).toHaveLength(members);
    const said = vectors.proofs[height]?.storageProof.slice(1).map(({ value }) => value);
    expect(validators).toEqual(said?.toSorted());
  });

  test.each<[string, number, readonly number[], number, number]>([
    ['four, as the anchor says', 116, [], 3, 4],
    ['three of the four', 117, [116], 2, 3],
    ['five', 137, [116, 136], 4, 5],
    ['two of the five', 158, [116, 136, 157], 2, 2],
    ['three others', 169, [116, 136, 157, 168], 2, 3],
  ])('seal the block after: %s', async (_, height, changed, signers, members) => {
    const verdict = await verdictOf(height, changed);
    expect(verdict).toMatchObject({ hash: vectors.blocks[height]?.hash, members });
    expect(verdict.signers).toHaveLength(signers);
    if (changed.length > 0) await expect(verdictOf(height, changed.slice(0, -1))).rejects.toThrow();
  });

  test('are not taken from the state of another block', async () => {
    const head = await headerAt(117);
    const { nodes } = await namedIn(136);
    const changes = [[(await headerAt(116)).raw, ...nodes] as const];
    expect(refusalOf(() => verifyQbft({ changes, head }, { finality, crypto }))).toBe('node-hash');
  });
});
