// A sensor process: reads this host's own counters and publishes them over MQTT, as any sensor would.
// usage: node scripts/site/host-sensor.ts MQTT_URL COUNTER,... [INTERVAL_MS]; topics are host/<counter>
import mqtt from 'mqtt';
import { readDiskBytes, readLoad, readMemory, readNetworkBytes } from './host-counters.ts';

const readers = { load: readLoad, memory: readMemory, network: readNetworkBytes, disk: readDiskBytes };

const [url, list = '', interval = '1000'] = process.argv.slice(2);
const counters = Object.entries(readers).filter(([name]) => list.split(',').includes(name));
if (url === undefined || counters.length === 0) {
  console.error(
    `usage: host-sensor.ts MQTT_URL COUNTER,... [INTERVAL_MS]; counters: ${Object.keys(readers).join(', ')}`,
  );
  process.exit(64);
}

const client = await mqtt.connectAsync(url, { reconnectPeriod: 1_000, clientId: `host-sensor-${process.pid}` });
console.log(JSON.stringify({ ready: true }));
client.on('error', (error) => {
  console.error(`host-sensor: ${error.message}`);
});

const timer = setInterval(() => {
  for (const [name, read] of counters) {
    client.publish(`host/${name}`, JSON.stringify(read()), { qos: 1 });
  }
}, Number(interval));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer);
    client.end(true, () => process.exit(0));
  });
}
