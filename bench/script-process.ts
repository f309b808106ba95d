// A process with so many scripts of one tenant, and so many further tenants of one script each; prints its RSS in MB.
import { setTimeout as wait } from 'node:timers/promises';
import { openBenchHosts } from './script-hosts.ts';

const SCRIPT = `
import { store } from 'dewproof';
let last;
export async function onReading(event) { last = event.value; await store.put('last', last); }
export function view() { return last ?? null; }
`;

const [scripts = 0, tenants = 0] = process.argv.slice(2).map(Number);
const hosts = await openBenchHosts();
const specs = [
  ...Array.from({ length: scripts }, (_, index) => ({ tenant: 'first', name: `script-${index}` })),
  ...Array.from({ length: tenants }, (_, index) => ({ tenant: `further-${index}`, name: 'script' })),
];
for (const spec of specs) {
  const { host, tell } = await hosts.start({ ...spec, script: SCRIPT });
  tell(1);
  await host.answerView('state', {});
}
await wait(500);
global.gc?.();
await wait(200);
process.stdout.write(String(process.memoryUsage.rss() / 1e6));
await hosts.close();
