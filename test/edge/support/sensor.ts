import mqtt, { type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';

/** A sensor at a broker, gone with the test. */
export async function connectSensor(url: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 100 });
  client.on('error', () => undefined);
  onTestFinished(() => client.endAsync(true));
  return client;
}
