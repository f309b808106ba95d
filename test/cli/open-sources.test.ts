import { expect, onTestFinished, test } from 'vitest';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { openDewSources, type Asked } from '../../cli/dew/open-sources.ts';
import { anchorSchema, type Anchor } from '../../core/state/anchor.ts';
import { createLog } from '../../platform/log.ts';
import { createWitnesses } from '../support/test-witnesses.ts';

const witnesses = createWitnesses(3).map(({ name, publicKey }) => ({ name, publicKey }));
const [first = '', second = '', third = ''] = witnesses.map(({ name }) => name);
const anchor = anchorSchema.parse({
  apiVersion: 'dewproof/v1',
  kind: 'Anchor',
  version: 2,
  tenant: 'greenfields',
  chain: 'eip155:31337',
  genesis: `0x${'11'.repeat(32)}`,
  registry: `0x${'22'.repeat(20)}`,
  codeHash: `0x${'33'.repeat(32)}`,
  finality: { kind: 'witnesses', witnesses },
});

async function open(...names: readonly string[]) {
  return openBy(anchor, names);
}

async function openBy(anchor: Anchor, names: readonly string[]) {
  const logged: string[] = [];
  const log = createLog({ name: 'test', level: 'info' }, { write: (line) => logged.push(line) });
  const url = 'http://127.0.0.1:9';
  const asked: Asked = { node: url, witnesses: names.map((name) => ({ name, url })) };
  const readAsked = () => Promise.resolve(asked);
  const crypto = await loadProofCrypto();
  const sources = await openDewSources(anchor, { readAsked, home: anchor, signer: undefined, crypto, log });
  onTestFinished(() => sources.close());
  return { ...sources, logged };
}

test('a dew looks for witnesses that nobody named for as long as it lacks any', async () => {
  expect((await open(first, second, third)).supplied).toBeUndefined();
  const { supplied, logged } = await open(first, second);
  expect(supplied).toBeInstanceOf(Promise);
  expect(logged.join()).toContain(`witness ${third} answers: name its URL under`);
});

test('with fewer than a quorum of them it opens all the same, and says whom to name in which file', async () => {
  const { supplied, ledger, bundles } = await open(first);
  expect(supplied).toBeInstanceOf(Promise);
  expect(bundles?.unasked).toEqual([second, third]);
  const lack = `where ${second}, ${third} answer, under \`witnesses:\` of the home's config.yaml`;
  await expect(ledger.head()).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining(lack) as string,
  });
});

test('a node is asked no more once they are closed, whatever is being looked for', async () => {
  const finality = {
    kind: 'qbft',
    validators: [`0x${'44'.repeat(20)}`],
    height: 5,
    hash: `0x${'55'.repeat(32)}`,
  };
  const sources = await openBy(anchorSchema.parse({ ...anchor, finality }), []);
  const block = { height: 6n, hash: `0x${'66'.repeat(32)}`, time: 0n } as const;
  const vouch = () => sources.bundles?.maker.vouch(block, new AbortController().signal);
  await expect(vouch()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  await sources.close();
  // Its newest answer is shared for a moment.
  await expect.poll(() => vouch()?.catch((error: unknown) => error)).toMatchObject({ name: 'AbortError' });
});
