import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openRpc } from '../../../chain/evm/json-rpc.ts';
import { readBlock } from '../../../chain/evm/blocks.ts';
import { signedAnchorSchema } from '../../../core/state/signed-anchor.ts';
import { makeHome } from '../../cli/home-fixture.ts';
import { runDewproof } from '../../cli/run-dewproof.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { deployEvmTenant } from '../../support/evm-tenant.ts';
import { startAnvil } from '../../support/nodes.ts';

const node = await startAnvil();
afterAll(() => node.kill());

test('a checkpoint is the block that a real node has, of the tenant’s own chain', async () => {
  const tenant = await deployEvmTenant(node);
  const { anchor } = tenant.deployed;
  const home = makeHome({ anchor: JSON.stringify(anchor) });
  const file = join(temporaryFolder(), 'anchor.json');
  const create = (...words: readonly string[]) =>
    runDewproof([
      'anchor',
      'create',
      file,
      '--home',
      home,
      '--force',
      '--witness',
      `north=0x${'6b'.repeat(32)}`,
      ...words,
    ]);
  const written = () => signedAnchorSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).anchor;

  const { beginsAt } = anchor;
  expect(await create('--checkpoint', String(beginsAt))).toMatchObject({ exitCode: 0 });
  const block = await readBlock(openRpc(node), { height: BigInt(beginsAt) });
  expect(written().checkpoint).toEqual({
    height: beginsAt,
    hash: block?.hash,
    time: Number(block?.timestamp),
  });
  const newest = await readBlock(openRpc(node), { height: 'latest' });
  expect(await create('--checkpoint', 'latest')).toMatchObject({ exitCode: 0 });
  expect(written().checkpoint?.height).toBe(Number(newest?.number) - 1);

  expect(await create('--checkpoint', '100000')).toMatchObject({ code: 'LEDGER_BEHIND' });
  // Its blocks are not QBFT's, so that nobody's seals could ever count.
  const validators = await runDewproof(['anchor', 'create', file, '--home', home, '--force', '--validators']);
  expect(validators).toMatchObject({ code: 'USAGE' });
  const before = readFileSync(file, 'utf8');
  writeFileSync(join(home, 'anchor.json'), JSON.stringify({ ...anchor, codeHash: `0x${'01'.repeat(32)}` }));
  expect(await create('--checkpoint', 'latest')).toMatchObject({ code: 'WRONG_CHAIN' });
  expect(readFileSync(file, 'utf8')).toBe(before);
});
