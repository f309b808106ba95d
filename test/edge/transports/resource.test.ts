import { describe, expect, onTestFinished, test } from 'vitest';
import { verifyConfiguration } from '../../../core/verify.ts';
import { startEmbeddedBus } from '../../../edge/bus/embedded-bus.ts';
import { createResourceHost } from '../../../edge/hosts/resource-host.ts';
import { createReadingsStore } from '../../../edge/readings/readings-store.ts';
import { createTransports } from '../../../edge/transports/create-transports.ts';
import { rawResource } from '../../core/support/samples.ts';
import { questionAt } from '../../core/support/site.ts';
import { hostileServer } from '../../platform/raw-http.ts';
import { connectSensor } from '../support/sensor.ts';
import { eventually, quietLog } from '../support/test-edge.ts';
import { openTestLevel } from '../support/test-store.ts';
import { hostileCoap } from './support/udp-server.ts';

async function startResource(spec: object) {
  const log = quietLog();
  const bus = await startEmbeddedBus({ host: '127.0.0.1', port: 0, commit: () => Promise.resolve(), log });
  const store = createReadingsStore({ level: await openTestLevel(), clock: Date.now, onCommit: () => undefined });
  const transports = createTransports({ bus });
  onTestFinished(async () => {
    await transports.close();
    await bus.close();
    await store.close();
  });
  const logic = { behavioursOf: () => [], openReach: () => Promise.reject(new TypeError('no logic here')) };
  const start = createResourceHost({ transports, store, trouble: () => undefined, logic });
  const configuration = verifyConfiguration(questionAt({ document: rawResource(spec) }));
  const { signal } = new AbortController();
  const host = await start({
    configuration,
    artifacts: new Map(),
    signal,
    secret: () => Promise.reject(new TypeError('no secrets in this test')),
    onFailure: () => undefined,
  });
  onTestFinished(() => host.stop());
  return { host, bus, signal };
}

describe('a resource of many transports', () => {
  test('hears the living sensors while one is dead, drops what is bad, starts anyhow, and says what lacks', async () => {
    const meter = await hostileServer((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"kWh": 1.5}');
    });
    const liar = await hostileServer((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n<html>');
    });
    const door = await hostileCoap(({ message, send }) => {
      if (message.code === 1) send({ payload: Buffer.from('1') });
      if (message.code === 3) send({ code: 0x44 });
    });
    const dead = await hostileCoap(() => undefined);
    const json = { format: 'json', pointer: '/kWh' };
    const names = ['meter', 'liar', 'door', 'dead', 'pushed', 'told'];
    const { host, bus, signal } = await startResource({
      inputs: [
        { id: 'meter', http: { uri: `${meter}/m`, every: '500ms' }, payload: json },
        { id: 'liar', http: { uri: `${liar}/m`, every: '500ms' }, payload: json },
        { id: 'door', coap: { uri: `coap://127.0.0.1:${door.port}/d`, every: '500ms' } },
        { id: 'dead', coap: { uri: `coap://127.0.0.1:${dead.port}/d`, every: '500ms' } },
        { id: 'pushed', push: true },
        { id: 'told', mqtt: { topic: 'told' } },
      ],
      views: names.map((id) => ({ id, input: id, latest: true })),
      actions: [{ id: 'lock', coap: { uri: `coap://127.0.0.1:${door.port}/lock` } }],
    });
    await host.probe(signal);
    await host.takeOver();
    const sensor = await connectSensor(bus.url);
    await sensor.publishAsync('told', '5', { qos: 1 });
    await host.push('pushed', Buffer.from('6'));
    await host.act('lock', 1);
    const valueOf = async (view: string) => {
      const { reading } = (await host.answerView(view, {})) as { reading: { value: number } | null };
      return reading?.value;
    };
    await eventually(async () => {
      expect(await Promise.all(names.map(valueOf))).toEqual([1.5, undefined, 1, undefined, 6, 5]);
    });
    await eventually(async () => {
      await expect(host.probe(signal)).rejects.toMatchObject({ code: 'SENSOR_UNAVAILABLE' });
    });
    const { dropped } = host.counts();
    expect(dropped['SCHEMA']).toBeGreaterThan(0);
    expect(dropped['TIMEOUT']).toBeGreaterThan(1);
    expect(door.arrived.filter(({ code }) => code === 3).map(({ payload }) => Buffer.from(payload).toString())).toEqual(
      ['1'],
    );
  });
});
