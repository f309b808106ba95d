// A simulated plot: soil that dries, and gets wet while the pump that the edge moves runs; a tank that empties.
// usage: node examples/irrigation/plot.ts MQTT_URL
import mqtt from 'mqtt';

const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error('usage: plot.ts MQTT_URL');
  process.exit(64);
}
let [moisture, tank, pump] = [34, 200, 0];
const client = await mqtt.connectAsync(url, { reconnectPeriod: 1_000, clientId: `plot-${process.pid}` });
client.on('error', (error) => {
  console.error(`plot: ${error.message}`);
});
client.on('message', (_topic, payload) => {
  pump = Number(payload.toString());
  console.log(JSON.stringify({ pump }));
});
await client.subscribeAsync('plot/pump');
const timer = setInterval(() => {
  moisture = Math.min(100, Math.max(0, moisture - 1 + pump / 20));
  tank = Math.max(0, tank - pump / 40);
  client.publish('field/moisture', moisture.toFixed(1), { qos: 1 });
  client.publish('field/tank', tank.toFixed(1), { qos: 1 });
}, 500);
console.log(JSON.stringify({ ready: true }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer);
    client.end(true, () => process.exit(0));
  });
}
