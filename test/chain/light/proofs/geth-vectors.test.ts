import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Rpc } from '../../../../chain/evm/json-rpc.ts';
import { nobleCrypto as crypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../../../chain/light/hex.ts';
import { readHeader } from '../../../../chain/light/make/read-header.ts';
import { hashedExtra, isBftHeader } from '../../../../chain/light/qbft/header-hash.ts';

const file = new URL('../../../vectors/geth-clique.json', import.meta.url);
const blocks = z
  .object({ blocks: z.record(z.string(), z.looseObject({ hash: z.string() })) })
  .parse(JSON.parse(readFileSync(file, 'utf8'))).blocks;
const rpc: Rpc = {
  url: 'http://127.0.0.1:25001',
  call: ({ params, answer }) => Promise.resolve(answer.parse(blocks[Number(params[0])])),
};

describe("blocks of Geth's Clique, with a base fee", () => {
  test('are hashed as they are: each names the one before it', async () => {
    // `readHeader` makes the hash anew and refuses another than the node says.
    const parent = await readHeader({ height: 108n }, { rpc, crypto });
    const child = await readHeader({ height: 109n }, { rpc, crypto });
    expect(toHex(child?.items[0] as Uint8Array)).toBe(blocks[108]?.hash);
    expect(parent?.items).toHaveLength(16);
    if (child) expect([isBftHeader(child), hashedExtra(child)]).toEqual([false, undefined]);
  });
});
