import fc from 'fast-check';
import { connectAsync, type MqttClient } from 'mqtt';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../platform/log.ts';
import { limitPackets } from '../../platform/mqtt/limit-packets.ts';
import { startBroker, type Broker, type BrokerOptions } from '../../platform/mqtt/broker.ts';
import { eventually } from './eventually.ts';

const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });
const text = (value: string) => new TextEncoder().encode(value);

async function broker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const started = await startBroker({ host: '127.0.0.1', port: 0, log, ...options });
  onTestFinished(() => started.close());
  return started;
}

async function client({ url }: Broker, options: Parameters<typeof connectAsync>[1] = {}): Promise<MqttClient> {
  const connected = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  connected.on('error', () => undefined);
  onTestFinished(() => connected.endAsync(true));
  return connected;
}

function messagesOf(subscriber: MqttClient): string[] {
  const messages: string[] = [];
  subscriber.on('message', (topic, payload) => messages.push(`${topic} ${payload.toString()}`));
  return messages;
}

async function closed(subscriber: MqttClient): Promise<void> {
  if (!subscriber.connected) return;
  await new Promise<void>((resolve) => subscriber.once('close', resolve));
}

/** Sends bytes and resolves once the broker closes the connection. */
async function sendUntilClosed({ port }: Broker, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
    socket.resume();
    socket.end(bytes);
  });
}

describe('the broker', () => {
  test('passes messages of this process to those that may subscribe, retained ones later too', async () => {
    const started = await broker({ authorizeSubscribe: ({ topic }) => topic === 'hints/a' });
    await started.publish({ topic: 'hints/a', payload: text('early'), retain: true });
    const subscriber = await client(started);
    const messages = messagesOf(subscriber);
    await subscriber.subscribeAsync('hints/a');
    await started.publish({ topic: 'hints/a', payload: text('late') });
    await eventually(() => messages).toEqual(['hints/a early', 'hints/a late']);
  });

  test('acknowledges what must be kept once this process has it, and cuts off where it has not', async () => {
    const messages: string[] = [];
    const kept = Promise.withResolvers<undefined>();
    const started = await broker({
      authorizePublish: ({ clientId, topic }) => clientId === 'me' && topic === 'up',
      receive: async ({ payload }, { mustKeep }) => {
        const message = `${Buffer.from(payload).toString()} ${mustKeep}`;
        messages.push(message);
        if (message.startsWith('lost')) throw new Error('the disk is full');
        if (mustKeep) await kept.promise;
      },
    });
    const publisher = await client(started, { clientId: 'me' });
    await publisher.publishAsync('up', 'zero', { qos: 0 });
    let isAcknowledged = false;
    const published = publisher.publishAsync('up', 'one', { qos: 1 }).then(() => {
      isAcknowledged = true;
    });
    await eventually(() => messages).toEqual(['zero false', 'one true']);
    await publisher.publishAsync('up', 'again', { qos: 0 });
    await eventually(() => messages.length).toBe(3);
    expect(isAcknowledged).toBe(false);
    kept.resolve(undefined);
    await published;
    publisher.publish('up', 'lost', { qos: 1 });
    await closed(publisher);
    expect(messages.at(-1)).toBe('lost true');
  });

  test.each(['hints/a', '#', '+/a', '$SYS/#'])('lets nobody subscribe to %s unless told to', async (topic) => {
    const subscriber = await client(await broker());
    await expect(subscriber.subscribeAsync(topic)).rejects.toThrow();
  });

  test('lets nobody subscribe to its own topics, whatever it was told', async () => {
    const subscriber = await client(await broker({ authorizeSubscribe: () => true }));
    await expect(subscriber.subscribeAsync('$SYS/#')).rejects.toThrow();
  });

  test('closes on who publishes unless told to let them, wills included', async () => {
    const started = await broker({ authorizeSubscribe: () => true });
    const subscriber = await client(started);
    const messages = messagesOf(subscriber);
    await subscriber.subscribeAsync('#');
    const publisher = await client(started, { will: { topic: 'will', payload: 'x', qos: 0, retain: false } });
    publisher.publish('hints/a', 'forged');
    await closed(publisher);
    await started.publish({ topic: 'end', payload: text('') });
    await eventually(() => messages).toEqual(['end ']);
  });

  test('asks who a client is, and refuses whom it does not know', async () => {
    const authenticate = ({ username, password }: { username: string | undefined; password: Uint8Array | undefined }) =>
      Promise.resolve(username === 'barn' && Buffer.from(password ?? []).toString() === 'secret');
    const started = await broker({ authenticate });
    await client(started, { username: 'barn', password: 'secret' });
    await expect(client(started, { username: 'barn', password: 'guess' })).rejects.toThrow(/Not authorized/);
    await expect(client(started)).rejects.toThrow(/Not authorized/);
  });

  test('refuses whom it can not check', async () => {
    const started = await broker({ authenticate: () => Promise.reject(new Error('store gone')) });
    await expect(client(started)).rejects.toThrow(/Not authorized/);
  });

  test('keeps no message of a client for later ones, and none for a client that is gone', async () => {
    const started = await broker({ authorizePublish: () => true, authorizeSubscribe: () => true });
    const session = { clean: false, clientId: 'gone' };
    const first = await client(started, session);
    await first.subscribeAsync('a', { qos: 1 });
    await first.endAsync();
    const publisher = await client(started);
    await publisher.publishAsync('a', 'kept?', { qos: 1, retain: true });
    const again = await client(started, session);
    const messages = messagesOf(again);
    await again.subscribeAsync('a', { qos: 1 });
    await publisher.publishAsync('a', 'live', { qos: 1 });
    await eventually(() => messages).toEqual(['a live']);
  });

  test('bounds the subscriptions of a client', async () => {
    const subscriber = await client(await broker({ authorizeSubscribe: () => true }));
    const topics = Array.from({ length: 100 }, (_, index) => `t/${index}`);
    await subscriber.subscribeAsync(topics);
    await expect(subscriber.subscribeAsync('t/100')).rejects.toThrow();
  });

  test('says that its port is taken', async () => {
    const { port } = await broker();
    await expect(broker({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  test('closes, whoever is connected', async () => {
    const started = await startBroker({ host: '127.0.0.1', port: 0, log });
    const subscriber = await client(started);
    const silent = connect(started.port, '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    const gone = Promise.all([closed(subscriber), new Promise((resolve) => silent.once('close', resolve))]);
    const begin = performance.now();
    await started.close();
    await gone;
    // Who never said who they are would be cut anyway, after ten seconds.
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe('hostile packets', () => {
  const connectPacket = Buffer.from([0x10, 13, 0, 4, ...text('MQTT'), 4, 2, 0, 60, 0, 1, 97]);

  test('that claim to be huge close the connection at once', async () => {
    const started = await broker();
    await sendUntilClosed(started, Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4]));
    await sendUntilClosed(started, Buffer.concat([connectPacket, Buffer.from([0x30, 0xff, 0xff, 0x7f])]));
    await client(started);
  });

  test('that have a length without end close the connection', async () => {
    const endless = limitPackets(1000);
    const failed = new Promise((resolve) => endless.once('error', resolve));
    endless.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x80]));
    expect(await failed).toMatchObject({ code: 'ENDLESS_DATA' });
    const started = await broker();
    await sendUntilClosed(started, Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]));
    await client(started);
  });

  test('are let in up to the limit, in whatever pieces they come', async () => {
    const lengths: number[] = [];
    const started = await broker({
      authorizePublish: () => true,
      maxPacketBytes: 2000,
      receive: ({ payload }) => Promise.resolve(void lengths.push(payload.length)),
    });
    const publisher = await client(started);
    for (const size of [0, 1, 126, 1997 - 2, 500]) await publisher.publishAsync('a', 'x'.repeat(size), { qos: 1 });
    expect(lengths).toEqual([0, 1, 126, 1995, 500]);
    publisher.publish('a', 'x'.repeat(2000));
    await closed(publisher);
  });

  test('of any kind never end the broker', async () => {
    const started = await broker({ authorizeSubscribe: () => true, authorizePublish: () => true });
    const bytes = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), bytes, async (isConnected, rest) => {
        await sendUntilClosed(started, isConnected ? Buffer.concat([connectPacket, rest]) : rest);
      }),
      { numRuns: 300 },
    );
    const packet = fc.record({ type: fc.nat(255), body: fc.uint8Array({ maxLength: 100 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(packet, { maxLength: 5 }), async (packets) => {
        const framed = packets.map(({ type, body }) => Buffer.from([type, body.length, ...body]));
        await sendUntilClosed(started, Buffer.concat([connectPacket, ...framed]));
      }),
      { numRuns: 300 },
    );
    await client(started);
  });
});
