import { describe, expect, onTestFinished, test } from 'vitest';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import { startDew, type Dew } from '../../dew/start-dew.ts';
import { ANYONE } from '../../core/ids.ts';
import { NEVER } from '../../core/policy.ts';
import { createCallVerifier } from '../../platform/calls/verify-call.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { CHAIN_ID, signerOf } from '../platform/wallets.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { ask } from './support/calls.ts';
import { connectSensor } from './support/sensor.ts';
import {
  ADMIN,
  ADMIN_WALLET,
  createSite,
  GROUP_NAME,
  resourceOf,
  TENANT,
  type Published,
  type Site,
} from './support/site.ts';
import { eventually, quietLog, startTestEdge, testNonces } from './support/test-edge.ts';
import { fixedSources } from '../dew/support/fixed-sources.ts';
import { rootedAnchor } from '../support/test-anchors.ts';

async function startSiteDew(site: Site): Promise<Dew> {
  const dew = await startDew({
    config: {
      dataFolder: temporaryFolder(),
      host: '127.0.0.1',
      port: 0,
      mqttPort: 0,
      tenant: TENANT,
      groups: [GROUP_NAME],
    },
    account: ADMIN,
    anchor: rootedAnchor(),
    openSources: fixedSources({ ledger: site.chain.ledgerOf() }),
    verifyCall: createCallVerifier({ isSignedBy, nonces: testNonces(), clock: Date.now, chainId: CHAIN_ID }),
    isSignedBy,
    clock: Date.now,
    random: () => 0.05,
    log: quietLog(),
  });
  onTestFinished(() => dew.close());
  return dew;
}

/** A dew may not have seen the block of a moment ago. */
async function upload(dew: Dew, { digest, bytes }: Published): Promise<void> {
  const limits = { maxBytes: 65_536, minBytesPerSecond: 1, totalMs: 10_000 };
  const url = `${dew.url}/v1/documents/${digest}`;
  await eventually(async () => {
    const { status } = await fetchCapped(url, {
      method: 'PUT',
      body: bytes,
      signer: signerOf(ADMIN_WALLET),
      ...limits,
    });
    expect(status).toBe(204);
  });
}

const climate = {
  inputs: [{ id: 'temperature', mqtt: { topic: 'barn/7/+/temperature' }, payload: { format: 'json', pointer: '/t' } }],
  views: [
    { id: 'now', input: 'temperature', latest: true },
    { id: 'all', input: 'temperature', range: true },
    { id: 'daily', input: 'temperature', window: '1d', aggregate: ['min', 'max', 'mean', 'count'] },
  ],
};

describe('from the ledger to a view', () => {
  test('a document is approved, placed, verified, started, fed and read; then everything else goes away', async () => {
    const site = await createSite();
    const dew = await startSiteDew(site);
    const published = await site.publish('climate', climate);
    await site.do({
      type: 'set-grant',
      resource: resourceOf('climate'),
      subject: ANYONE,
      actions: ['read'],
      offline: false,
      expiresAt: NEVER,
    });
    await upload(dew, published);
    const dataFolder = temporaryFolder();
    const config = { dewUrls: [dew.url], hintUrls: [dew.mqttUrl], dataFolder };
    const edge = await startTestEdge(site, config);
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ name: 'climate', state: 'RUNNING', version: 1 }]);
    });

    const sensor = await connectSensor(edge.mqttUrl);
    for (const t of [20, 21.5, 22])
      await sensor.publishAsync('barn/7/east/temperature', JSON.stringify({ t }), { qos: 1 });
    await sensor.publishAsync('barn/7/east/temperature', 'not json', { qos: 1 });
    const views = `${edge.url}/v1/resources/greenfields/climate/views`;
    await eventually(async () => {
      expect((await ask(`${views}/now`)).body).toMatchObject({ view: 'now', version: 1, reading: { value: 22 } });
    });
    const all = await ask(`${views}/all?limit=2`);
    expect(all.body).toMatchObject({ readings: [{ value: 20 }, { value: 21.5 }] });
    expect((await ask(`${views}/all?next=${String(all.body['next'])}`)).body).toMatchObject({
      readings: [{ value: 22 }],
    });
    expect((await ask(`${views}/daily`)).body).toMatchObject({
      windows: [{ count: 3, min: 20, max: 22, mean: 21.166666666666664 }],
    });
    expect(edge.status().resources[0]).toMatchObject({ readings: 3, dropped: { SCHEMA: 1 } });
    await edge.close();
    await dew.close();
    site.chain.setReachable(false);

    const booted = await startTestEdge(site, config);
    await eventually(() => {
      expect(booted.status().resources).toMatchObject([{ name: 'climate', state: 'RUNNING' }]);
    });
    const offline = `${booted.url}/v1/resources/greenfields/climate/views`;
    expect((await ask(`${offline}/now`)).body).toMatchObject({ reading: { value: 22 } });
    const status = (await callDaemon({ folder: dataFolder, command: 'status' })) as Record<string, unknown>;
    expect(status).toMatchObject({ agent: { phase: 'following' }, head: { ageSeconds: expect.any(Number) as number } });
    expect(await callDaemon({ folder: dataFolder, command: 'verify' })).toMatchObject({ refusals: [] });
    await callDaemon({ folder: dataFolder, command: 'stop' });
    await booted.closed;
  });

  test("a hint brings the dew's news long before the next poll", async () => {
    const site = await createSite();
    const dew = await startSiteDew(site);
    const edge = await startTestEdge(site, { dewUrls: [dew.url], hintUrls: [dew.mqttUrl], pollEveryMs: 3_600_000 });
    await eventually(() => {
      expect(edge.status().agent.phase).toBe('following');
    });
    const published = await site.publish('climate', climate);
    await upload(dew, published);
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ name: 'climate', state: 'RUNNING' }]);
    });
  });
});
