import { once, type EventEmitter } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import mqtt from 'mqtt';
import { startEmbeddedBus } from '../../../edge/bus/embedded-bus.ts';
import { connectSensor } from '../support/sensor.ts';
import { eventually, quietLog } from '../support/test-edge.ts';

async function startBus() {
  const commit = vi.fn(() => Promise.resolve());
  const bus = await startEmbeddedBus({ host: '127.0.0.1', port: 0, commit, log: quietLog() });
  onTestFinished(() => bus.close());
  const received: string[] = [];
  const listen = (filter: string) =>
    bus.subscribe(filter, ({ topic, payload }) => received.push(`${topic} ${Buffer.from(payload).toString()}`));
  return { bus, received, listen, commit };
}

describe("the edge's own broker", () => {
  test('takes what a running resource listens to, each message once for each input', async () => {
    const { bus, received, listen } = await startBus();
    const [one, other] = [listen('barn/+/t'), listen('barn/#')];
    const sensor = await connectSensor(bus.url);
    await sensor.publishAsync('barn/7/t', '20', { qos: 1 });
    await eventually(() => {
      expect(received).toEqual(['barn/7/t 20', 'barn/7/t 20']);
    });
    one.close();
    await sensor.publishAsync('barn/7/t', '21', { qos: 1 });
    await eventually(() => {
      expect(received).toEqual(['barn/7/t 20', 'barn/7/t 20', 'barn/7/t 21']);
    });
    other.verify();
    other.close();
  });

  test('lets actuators subscribe to the very topic of an action, while it is open, and to nothing else', async () => {
    const { bus, listen } = await startBus();
    listen('barn/7/t');
    const outlet = bus.openTopic('barn/7/vent');
    const actuator = await mqtt.connectAsync(bus.url);
    onTestFinished(() => actuator.endAsync(true));
    const heard: string[] = [];
    actuator.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
    await actuator.subscribeAsync('barn/7/vent');
    for (const filter of ['barn/7/t', 'barn/+/vent', '#', 'barn/7/vent/#']) {
      await expect(actuator.subscribeAsync(filter)).rejects.toThrow();
    }
    await outlet.send(Buffer.from('0.5'));
    await eventually(() => {
      expect(heard).toEqual(['barn/7/vent 0.5']);
    });
    outlet.close();
    const late = await mqtt.connectAsync(bus.url);
    onTestFinished(() => late.endAsync(true));
    await expect(late.subscribeAsync('barn/7/vent')).rejects.toThrow();
  });

  test('acknowledges a QoS 1 message once it is on disk, and never where the disk fails', async () => {
    const { bus, received, listen, commit } = await startBus();
    listen('barn/7/t');
    const sensor = await mqtt.connectAsync(bus.url, { reconnectPeriod: 0 });
    await sensor.publishAsync('barn/7/t', '20', { qos: 1 });
    expect(commit).toHaveBeenCalledTimes(1);
    await sensor.publishAsync('barn/7/t', '21', { qos: 0 });
    await eventually(() => {
      expect(received).toHaveLength(2);
    });
    expect(commit).toHaveBeenCalledTimes(1);
    commit.mockRejectedValueOnce(new Error('disk full'));
    const closed = once(sensor as unknown as EventEmitter, 'close');
    const acknowledged = vi.fn();
    sensor.publish('barn/7/t', '22', { qos: 1 }, (error) => {
      if (error == null) acknowledged();
    });
    await closed;
    expect(acknowledged).not.toHaveBeenCalled();
  });

  test('takes what is sent again while the disk fails no second time, until the disk takes it', async () => {
    const { bus, received, listen, commit } = await startBus();
    listen('barn/7/t');
    commit.mockRejectedValue(new Error('disk full'));
    const sensor = await mqtt.connectAsync(bus.url, { reconnectPeriod: 10 });
    sensor.on('error', () => undefined);
    onTestFinished(() => sensor.endAsync(true));
    const acknowledged = sensor.publishAsync('barn/7/t', '20', { qos: 1 });
    await eventually(() => {
      expect(commit.mock.calls.length).toBeGreaterThan(5);
    });
    expect(received).toEqual(['barn/7/t 20']);
    commit.mockResolvedValue(undefined);
    await acknowledged;
    // At least once is what QoS 1 promises: the broker can't tell the second from another one.
    expect(received).toEqual(['barn/7/t 20', 'barn/7/t 20']);
  });

  test('takes nothing else: not where nobody listens, not any more, not from the inside', async () => {
    const { bus, received, listen } = await startBus();
    const subscription = listen('barn/7/t');
    for (const topic of ['barn/8/t', 'barn/7', 'barn/7/t/x', '$SYS/x']) {
      const sensor = await mqtt.connectAsync(bus.url, { reconnectPeriod: 0 });
      const closed = once(sensor as unknown as EventEmitter, 'close');
      sensor.publish(topic, '20', { qos: 0 });
      await closed;
    }
    subscription.close();
    const late = await mqtt.connectAsync(bus.url, { reconnectPeriod: 0 });
    const closed = once(late as unknown as EventEmitter, 'close');
    late.publish('barn/7/t', '20', { qos: 0 });
    await closed;
    expect(received).toEqual([]);
  });

  test('lets nobody outside listen', async () => {
    const { bus, listen } = await startBus();
    listen('barn/7/t');
    const spy = await connectSensor(bus.url);
    for (const filter of ['#', 'barn/7/t', '+/+/+', '$SYS/#']) {
      await expect(spy.subscribeAsync(filter)).rejects.toThrow();
    }
  });
});
