import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../platform/mqtt/broker.ts';
import { openStore } from '../../platform/store/open-store.ts';
import { freePort } from '../../scripts/site/free-port.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { connectSensor } from './support/sensor.ts';
import { createSite } from './support/site.ts';
import { startTestDew } from './support/test-dew.ts';
import { eventually, quietLog, startTestEdge } from './support/test-edge.ts';

describe('startEdge', () => {
  test('leaves nothing open where it can not start', async () => {
    const site = await createSite();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const dataFolder = temporaryFolder();
    await expect(startTestEdge(site, { dewUrls: [], dataFolder, port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const store = await openStore(`${dataFolder}/store`);
    await store.close();
    const edge = await startTestEdge(site, { dewUrls: [], dataFolder });
    await expect(startTestEdge(site, { dewUrls: [], dataFolder })).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await edge.close();
    await edge.closed;
  });

  test('works with a broker beside it, and keeps its resources running while that is away', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    const options = {
      host: '127.0.0.1',
      log: quietLog(),
      authorizePublish: () => true,
      authorizeSubscribe: () => true,
    };
    const port = await freePort();
    const first = await startBroker({ ...options, port });
    await site.publish('climate', { health: { interval: '100ms', timeout: '50ms', retries: 1, startPeriod: '10ms' } });
    dew.assign('climate');
    const edge = await startTestEdge(site, { dewUrls: [dew.url], mqtt: { url: first.url } });
    expect(edge.mqttUrl).toBe(first.url);
    const status = () => edge.status().resources[0];
    await eventually(() => {
      expect(status()).toMatchObject({ state: 'RUNNING', health: { status: 'healthy' } });
    });
    await first.close();
    await eventually(() => {
      expect(status()).toMatchObject({
        state: 'RUNNING',
        health: { status: 'unhealthy', cause: { code: 'BROKER_UNAVAILABLE' } },
      });
    });
    const second = await startBroker({ ...options, port });
    onTestFinished(() => second.close());
    await eventually(() => {
      expect(status()).toMatchObject({ state: 'RUNNING', health: { status: 'healthy' } });
    });
    const sensor = await connectSensor(second.url);
    await sensor.publishAsync('barn/7/temperature', '20', { qos: 1 });
    await eventually(() => {
      expect(status()).toMatchObject({ readings: 1 });
    });
  });

  test('says what it is doing: the head and its age, refusals by code, what waits for what', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    await site.publish('climate', { requires: [{ resource: 'weather' }] });
    dew.assign('climate', 'ghost');
    const edge = await startTestEdge(site, {
      dewUrls: [dew.url, 'http://127.0.0.1:1'],
      clock: () => Number.MAX_SAFE_INTEGER / 2,
    });
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([
        { name: 'climate', state: 'INSTALLED', version: 1, waitsFor: ['weather'] },
        { name: 'ghost', state: 'FINISHED', stopped: 'NOT_APPROVED', lastRefusal: { code: 'NOT_APPROVED', count: 1 } },
      ]);
    });
    const { head, agent, refusals, clock, trust } = edge.status();
    expect(agent).toEqual({ phase: 'following' });
    expect(head).toMatchObject({ height: 2 });
    expect(clock).toMatchObject({ credible: false });
    expect(trust).toMatchObject({ finality: 'rpc', vouched: null, split: null });
    expect(refusals).toMatchObject([{ about: 'greenfields/ghost', code: 'NOT_APPROVED' }]);
  });
});
