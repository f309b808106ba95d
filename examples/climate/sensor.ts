// A simulated barn sensor: a day of temperature and humidity in two minutes, published as a real one would.
// usage: node examples/climate/sensor.ts MQTT_URL
import mqtt from 'mqtt';

const DAY_SECONDS = 120;
const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error('usage: sensor.ts MQTT_URL');
  process.exit(64);
}
const client = await mqtt.connectAsync(url, { reconnectPeriod: 1_000, clientId: `barn-sensor-${process.pid}` });
client.on('error', (error) => {
  console.error(`sensor: ${error.message}`);
});
const timer = setInterval(() => {
  const warmth = Math.sin((Date.now() / 1000 / DAY_SECONDS) * 2 * Math.PI);
  const noise = Math.random() - 0.5;
  client.publish('barn/7/temperature', (22 + 8 * warmth + noise).toFixed(2), { qos: 1 });
  client.publish('barn/7/humidity', JSON.stringify({ humidity: Math.round(65 - 20 * warmth + noise) }), { qos: 1 });
}, 1000);
console.log(JSON.stringify({ ready: true }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer);
    client.end(true, () => process.exit(0));
  });
}
