import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openExternalBus } from '../../../edge/bus/external-bus.ts';
import { startBroker } from '../../../platform/mqtt/broker.ts';
import { freePort } from '../../../scripts/site/free-port.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { connectSensor } from '../support/sensor.ts';
import { eventually, quietLog } from '../support/test-edge.ts';

const log = quietLog();

async function startOpenBroker(port = 0) {
  const broker = await startBroker({
    host: '127.0.0.1',
    port,
    log,
    authorizePublish: () => true,
    authorizeSubscribe: ({ topic }) => topic !== 'forbidden',
  });
  onTestFinished(() => broker.close());
  return broker;
}

function openBus(url: string) {
  const bus = openExternalBus({ url, log });
  onTestFinished(() => bus.close());
  const received: string[] = [];
  const listen = (filter: string) =>
    bus.subscribe(filter, ({ topic, payload }) =>
      received.push(`${filter}: ${topic} ${Buffer.from(payload).toString()}`),
    );
  return { bus, received, listen };
}

const isActive = (subscription: { verify(): void }) =>
  eventually(() => {
    subscription.verify();
  });

const mosquitto = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) =>
  existsSync(path),
);

/** Starts Mosquitto on a free port, told to do what the standard lets brokers do: one copy for each filter that matches. */
async function startMosquitto(command: string): Promise<string> {
  const port = await freePort();
  const config = join(temporaryFolder(), 'mosquitto.conf');
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nallow_duplicate_messages true\n`);
  const child = spawn(command, ['-c', config], { stdio: 'ignore' });
  onTestFinished(() => void child.kill());
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  });
  return `mqtt://127.0.0.1:${port}`;
}

describe('a broker beside the edge', () => {
  test.skipIf(mosquitto === undefined)(
    'is Mosquitto, where overlapping filters and retained messages do no harm (skipped where it is not installed)',
    async () => {
      const url = await startMosquitto(mosquitto ?? '');
      const { received, listen } = openBus(url);
      const before = await connectSensor(url);
      await before.publishAsync('barn/7/t', '19', { qos: 1, retain: true });
      for (const filter of ['barn/+/t', 'barn/#', 'barn/7/t']) await isActive(listen(filter));
      await before.publishAsync('barn/7/t', '20', { qos: 1 });
      await before.publishAsync('barn/end', '1', { qos: 1 });
      await eventually(() => {
        expect([...received].sort()).toEqual([
          'barn/#: barn/7/t 20',
          'barn/#: barn/end 1',
          'barn/+/t: barn/7/t 20',
          'barn/7/t: barn/7/t 20',
        ]);
      });
    },
  );

  test('sends to actuators once it is connected, and refuses by code where the broker is away', async () => {
    const broker = await startOpenBroker();
    const { bus } = openBus(broker.url);
    const outlet = bus.openTopic('barn/7/vent');
    const actuator = await connectSensor(broker.url);
    const heard: string[] = [];
    actuator.on('message', (_topic, payload) => heard.push(payload.toString()));
    await actuator.subscribeAsync('barn/7/vent');
    await eventually(() => outlet.send(Buffer.from('1')));
    await eventually(() => {
      expect(heard).toEqual(['1']);
    });
    await broker.close();
    await eventually(async () => {
      await expect(outlet.send(Buffer.from('0'))).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    });
  });

  test('delivers each message once for each input, also where filters overlap', async () => {
    const broker = await startOpenBroker();
    const { received, listen } = openBus(broker.url);
    const subscriptions = [listen('barn/+/t'), listen('barn/#'), listen('barn/+/t')];
    for (const subscription of subscriptions) await isActive(subscription);
    const sensor = await connectSensor(broker.url);
    await sensor.publishAsync('barn/7/t', '20', { qos: 1 });
    await sensor.publishAsync('barn/7/door', '1', { qos: 1 });
    await eventually(() => {
      expect([...received].sort()).toEqual([
        'barn/#: barn/7/door 1',
        'barn/#: barn/7/t 20',
        'barn/+/t: barn/7/t 20',
        'barn/+/t: barn/7/t 20',
      ]);
    });
  });

  test('leaves out retained messages, which are old news', async () => {
    const broker = await startOpenBroker();
    await broker.publish({ topic: 'barn/7/t', payload: Buffer.from('19'), retain: true });
    const { received, listen } = openBus(broker.url);
    await isActive(listen('barn/7/t'));
    const sensor = await connectSensor(broker.url);
    await sensor.publishAsync('barn/7/t', '20', { qos: 1 });
    await eventually(() => {
      expect(received).toEqual(['barn/7/t: barn/7/t 20']);
    });
  });

  test('may come later, go and come back', async () => {
    const port = await freePort();
    const { received, listen } = openBus(`mqtt://127.0.0.1:${port}`);
    const subscription = listen('barn/7/t');
    expect(() => {
      subscription.verify();
    }).toThrow(expect.objectContaining({ code: 'BROKER_UNAVAILABLE' }) as Error);
    const second = await startOpenBroker(port);
    await isActive(subscription);
    await second.close();
    await eventually(() => {
      expect(() => {
        subscription.verify();
      }).toThrow();
    });
    const third = await startOpenBroker(port);
    await isActive(subscription);
    const sensor = await connectSensor(third.url);
    await sensor.publishAsync('barn/7/t', '20', { qos: 1 });
    await eventually(() => {
      expect(received).toEqual(['barn/7/t: barn/7/t 20']);
    });
  });

  test('says so where it refuses a filter', async () => {
    const broker = await startOpenBroker();
    const { listen } = openBus(broker.url);
    const subscription = listen('forbidden');
    await eventually(() => {
      expect(() => {
        subscription.verify();
      }).toThrow(/refuses this subscription/);
    });
  });

  test('can not fill our memory with one packet', async () => {
    const sockets = new Set<Socket>();
    let sent = 0;
    const server = createServer((socket) => {
      sockets.add(socket);
      // CONNACK, then a PUBLISH that claims 256 MiB.
      socket.write(Buffer.from([0x20, 2, 0, 0, 0x30, 0xff, 0xff, 0xff, 0x7f]));
      const chunk = Buffer.alloc(65_536);
      const send = () => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
      };
      socket.on('drain', send).on('error', () => undefined);
      send();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { listen } = openBus(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`);
    listen('barn/7/t');
    await eventually(() => {
      expect(sockets.size).toBeGreaterThan(0);
      expect([...sockets].every((socket) => socket.destroyed)).toBe(true);
    });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});
