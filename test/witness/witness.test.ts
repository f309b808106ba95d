import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSigner } from '../../chain/witness/create-signer.ts';
import { runSigner } from '../../chain/witness/run-signer.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import type { MetricsListener } from '../../platform/metrics/metrics-routes.ts';
import { openStore, sublevelOf } from '../../platform/store/open-store.ts';
import { openWitnessClient } from '../../platform/witness/witness-client.ts';
import { createWitnessMemory, openWitnessMemory } from '../../witness/witness-memory.ts';
import { startWitness } from '../../witness/start-witness.ts';
import { quietLog } from '../edge/support/test-edge.ts';
import { verifyOpenApi } from '../faces/open-api-rules.ts';
import { parseMetrics } from '../faces/parse-metrics.ts';
import { eventually } from '../platform/eventually.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { createWitnesses } from '../support/test-witnesses.ts';
import { CHAIN, createTestChain, hashOf, nodeOf, START } from '../support/witness-world.ts';

const [witness, other] = createWitnesses(2);
if (!witness || !other) throw new TypeError('no witnesses');

async function openTestWitness({
  owner = witness,
  metrics,
}: { owner?: typeof witness; metrics?: MetricsListener } = {}) {
  if (!owner) throw new TypeError('no witness');
  const folder = temporaryFolder();
  const store = await openStore(join(folder, 'store'));
  onTestFinished(() => store.close());
  await createWitnessMemory(store, owner);
  const chain = createTestChain();
  chain.mine(10);
  const now = { ms: Number(START) * 1000 };
  const signer = createSigner({
    node: nodeOf(chain, { confirmations: 3 }),
    memory: await openWitnessMemory(store, owner),
    witness: owner,
    clock: () => BigInt(Math.floor(now.ms / 1000)),
    resignAfterSeconds: 10_800n,
  });
  const daemon = await startWitness({
    config: { dataFolder: folder, host: '127.0.0.1', port: 0, metrics },
    notes: signer,
    run: (deps) => runSigner(signer, { everyMs: 20, ...deps }),
    clock: () => now.ms,
    log: quietLog(),
  });
  onTestFinished(() => daemon.close());
  await eventually(async () => (await fetch(`${daemon.url}/readyz`)).status).toBe(200);
  return { daemon, chain, folder, now };
}

describe('a witness’s faces', () => {
  test('serve notes with an ETag to anyone', async () => {
    const { daemon } = await openTestWitness();
    const latest = await fetch(`${daemon.url}/v1/notes/latest`);
    expect(latest.status).toBe(200);
    expect(latest.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await latest.text();
    expect(text.split('\n').slice(0, 2)).toEqual([`dewproof/block/v1/${CHAIN.chain}/${CHAIN.genesis}`, '7']);
    const etag = latest.headers.get('etag') ?? '';
    // Node's fetch would add `Cache-Control: no-cache`, which asks for the whole.
    const again = await fetchCapped(`${daemon.url}/v1/notes/7`, {
      headers: { 'if-none-match': etag },
      maxBytes: 1000,
      minBytesPerSecond: 1,
      totalMs: 5000,
    });
    expect(again.status).toBe(304);
    expect(await openWitnessClient({ url: daemon.url }).note(8n)).toBeUndefined();
  });

  test.each(['x', '-1', '07', '1e3', '0x7', '99999999999999999999999', '%zz'])(
    'refuse the height %s',
    async (height) => {
      const { daemon } = await openTestWitness();
      const answer = await fetch(`${daemon.url}/v1/notes/${height}`);
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'SCHEMA' }]);
    },
  );

  test.each([
    ['no JSON', 'x', 'SCHEMA'],
    ['a short nonce', '{"nonce":"0x00"}', 'SCHEMA'],
    ['capitals', JSON.stringify({ nonce: `0x${'AA'.repeat(32)}` }), 'SCHEMA'],
    ['a further field', JSON.stringify({ nonce: `0x${'aa'.repeat(32)}`, x: 1 }), 'SCHEMA'],
    ['a long body', `{"nonce":"0x${'aa'.repeat(300)}"}`, 'ENDLESS_DATA'],
  ])('refuse %s as a nonce', async (_, body, code) => {
    const { daemon } = await openTestWitness();
    const answer = await fetch(`${daemon.url}/v1/nonces`, { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ code });
  });

  test('limit how often one address asks', async () => {
    const { daemon, now } = await openTestWitness();
    const client = openWitnessClient({ url: daemon.url });
    const ask = () => client.answer(`0x${randomBytes(32).toString('hex')}`);
    for (let asked = 0; asked < 50; asked += 1) await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'TOO_MANY' });
    now.ms += 1000;
    for (let asked = 0; asked < 5; asked += 1) await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'TOO_MANY' });
  });

  test('describe themselves', async () => {
    const { daemon } = await openTestWitness();
    const { paths } = verifyOpenApi(await (await fetch(`${daemon.url}/openapi.json`)).json());
    expect(Object.keys(paths).toSorted()).toEqual([
      '/healthz',
      '/openapi.json',
      '/readyz',
      '/v1/nonces',
      '/v1/notes/latest',
      '/v1/notes/{height}',
    ]);
  });

  test('tell the operator how it stands, and refuse where the chain lost a block', async () => {
    const { daemon, chain, folder } = await openTestWitness();
    chain.cut(5);
    chain.mine(9, 'other');
    await eventually(async () => (await fetch(`${daemon.url}/readyz`)).status).toBe(409);
    expect(await (await fetch(`${daemon.url}/v1/notes/latest`)).json()).toMatchObject({ code: 'EQUIVOCATION' });
    expect(await callDaemon({ folder, command: 'status' })).toMatchObject({
      kind: 'witness',
      name: witness.name,
      signed: { height: '7' },
      contradictions: [{ height: '7', nodeHash: chain.blocks[7]?.hash }],
      trouble: { code: 'EQUIVOCATION' },
    });
  });

  test('stop in order when told to', async () => {
    const { daemon, folder } = await openTestWitness();
    expect(await callDaemon({ folder, command: 'stop' })).toEqual({ stopping: true });
    await daemon.closed;
    await expect(fetch(`${daemon.url}/healthz`)).rejects.toThrow();
  });
});

describe('a witness’s metrics', () => {
  test('say what it signed, what its node has, and what it refuses, on a port of their own', async () => {
    const { daemon, chain } = await openTestWitness({ metrics: { host: '127.0.0.1', port: 0 } });
    const read = async () => {
      const families = parseMetrics(await (await fetch(daemon.metricsUrl ?? '')).text());
      return (name: string, label = '') =>
        families
          .get(name)
          ?.samples.filter(({ labels }) => label === '' || Object.values(labels).includes(label))
          .reduce((sum, { value }) => sum + value, 0);
    };
    const client = openWitnessClient({ url: daemon.url });
    for (let asked = 0; asked < 3; asked += 1) await client.answer(`0x${'5a'.repeat(32)}`);
    await fetch(`${daemon.url}/v1/nonces`, { method: 'POST', body: 'x' });
    const valueOf = await read();
    expect(valueOf('dewproof_witness_signed_height')).toBe(7);
    expect(valueOf('dewproof_witness_signed_timestamp_seconds')).toBe(Number(START));
    expect(valueOf('dewproof_witness_node_height')).toBe(10);
    expect(valueOf('dewproof_witness_node_up')).toBe(1);
    expect(valueOf('dewproof_witness_contradictions')).toBe(0);
    expect(valueOf('dewproof_witness_nonces_total')).toBe(3);
    expect(valueOf('dewproof_ledger_trouble')).toBe(0);
    expect(valueOf('dewproof_refusals_total', 'SCHEMA')).toBe(1);
    expect(valueOf('dewproof_refusals_total', 'EQUIVOCATION')).toBe(0);
    expect(valueOf('dewproof_build_info', 'witness')).toBe(1);
    chain.cut(5);
    chain.mine(9, 'other');
    await eventually(async () => (await read())('dewproof_refusals_total', 'EQUIVOCATION')).toBeGreaterThan(0);
    expect((await read())('dewproof_ledger_trouble', 'EQUIVOCATION')).toBe(1);
    expect((await read())('dewproof_witness_contradictions')).toBe(1);
    expect((await fetch(new URL('/v1/notes/latest', daemon.metricsUrl))).status).toBe(404);
    expect((await fetch(`${daemon.url}/metrics`)).status).toBe(404);
  });

  test('are nowhere where nobody asked for them', async () => {
    expect((await openTestWitness()).daemon.metricsUrl).toBeUndefined();
  });
});

describe('a witness’s records', () => {
  test('come back as they were written, the newest of them', async () => {
    const folder = join(temporaryFolder(), 'store');
    let store = await openStore(folder);
    await createWitnessMemory(store, witness);
    const memory = await openWitnessMemory(store, witness);
    const heads = Array.from({ length: 1100 }, (_, height) => ({
      height: BigInt(height),
      hash: hashOf(`${height}`),
      signedAt: START,
    }));
    await memory.write({ chain: CHAIN, heads: heads.slice(0, 600) });
    await memory.write({ heads: heads.slice(600) });
    const newest = { height: 1099n, hash: hashOf('1099'), signedAt: START + 5n };
    await memory.write({ heads: [newest] });
    const contradiction = { height: 7n, signedHash: hashOf('a'), nodeHash: hashOf('b'), seenAt: START };
    await memory.write({ contradictions: [contradiction] });
    await store.close();
    store = await openStore(folder);
    onTestFinished(() => store.close());
    const { loaded } = await openWitnessMemory(store, witness);
    expect(loaded).toEqual({
      chain: CHAIN,
      heads: [...heads.slice(76, 1099), newest],
      contradictions: [contradiction],
    });
  });

  test('are refused where they are gone, damaged or another’s', async () => {
    const store = await openStore(join(temporaryFolder(), 'store'));
    onTestFinished(() => store.close());
    await expect(openWitnessMemory(store, witness)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await createWitnessMemory(store, witness);
    await expect(openWitnessMemory(store, other)).rejects.toMatchObject({ code: 'CONFIG' });
    const memory = await openWitnessMemory(store, witness);
    await memory.write({ heads: [{ height: 7n, hash: hashOf('7'), signedAt: START }] });
    await expect(createWitnessMemory(store, other)).rejects.toMatchObject({ code: 'CONFLICT' });
    const part = sublevelOf(store, 'witness');
    const key = 'head/00000000000000000007';
    await part.put(key, (await part.get(key))?.replace('"7"', '"6"') ?? '');
    await expect(openWitnessMemory(store, witness)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
