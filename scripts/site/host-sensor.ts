// A sensor process: reads this host's own counters and publishes them over MQTT, as any sensor would.
// usage: node scripts/site/host-sensor.ts MQTT_URL TOPIC_PREFIX [INTERVAL_MS]
import mqtt from 'mqtt';
import { readDiskBytes, readLoad, readMemory, readNetworkBytes } from './host-counters.ts';

const [url, prefix, interval = '1000'] = process.argv.slice(2);
if (url === undefined || prefix === undefined) {
  console.error('usage: node scripts/site/host-sensor.ts MQTT_URL TOPIC_PREFIX [INTERVAL_MS]');
  process.exit(64);
}

const client = await mqtt.connectAsync(url, { reconnectPeriod: 1_000, clientId: `host-sensor-${process.pid}` });
console.log(JSON.stringify({ ready: true }));
client.on('error', (error) => {
  console.error(`host-sensor: ${error.message}`);
});

const readers = { load: readLoad, memory: readMemory, network: readNetworkBytes, disk: readDiskBytes };

const timer = setInterval(() => {
  for (const [topic, read] of Object.entries(readers)) {
    client.publish(`${prefix}/${topic}`, JSON.stringify(read()), { qos: 1 });
  }
}, Number(interval));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer);
    client.end(true, () => process.exit(0));
  });
}
