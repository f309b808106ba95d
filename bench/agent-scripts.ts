import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Site } from '../scripts/site/open-site.ts';
import { memoryAtRest, waitServed } from './edge.ts';
import type { Figure } from './report.ts';

const counts = [1, 10, 50] as const;
const patience = { timeoutMs: 300_000, everyMs: 500 };

/** Memory of a whole agent, started anew, with 1, 10 and 50 scripts of its tenant; `before` resources run already. */
export async function benchAgentScripts(
  site: Site,
  { before }: { readonly before: number },
): Promise<readonly Figure[]> {
  const [edge] = site.edges;
  if (!edge) throw new TypeError('the site has no edge');
  await writeFile(join(site.folder, 'script.js'), SCRIPT);
  const figures: Figure[] = [];
  let made = 0;
  for (const count of counts) {
    const names = Array.from({ length: count - made }, (_, index) => `script-${made + index + 1}`);
    const files = await Promise.all(names.map((name) => writeDocument(site, name)));
    await site.run('operator', ['apply', ...files.flatMap((file) => ['-f', file])]);
    await site.run('approver', ['approve', ...names, '--yes']);
    made = count;
    await waitServed(edge, { count: before + made, ...patience });
    await site.processes.kill(edge.name);
    await site.processes.restart(edge.name);
    await waitServed(edge, { count: before + made, ...patience });
    const { rssMB: value } = await memoryAtRest(site, edge);
    const how = `at rest after it was started anew, beside ${before} resources of plain views`;
    figures.push({ what: `agent RSS, ${count} script${count === 1 ? '' : 's'}`, value, unit: 'MB', how });
  }
  return figures;
}

const SCRIPT = `import { store } from 'dewproof';
let sum = 0;
export async function onReading({ value }) {
  sum += value;
  await store.put('sum', sum);
}
export const view = () => ({ sum });
`;

async function writeDocument(site: Site, name: string): Promise<string> {
  const file = join(site.folder, `${name}.yaml`);
  const document = {
    apiVersion: 'dewproof/v1',
    kind: 'VirtualResource',
    metadata: { tenant: 'greenfields', name },
    spec: {
      group: 'site',
      runtime: { kind: 'script', artifact: { file: 'script.js' }, limits: { memoryMiB: 8 } },
      inputs: [{ id: 'load', mqtt: { topic: `bench/${name}` } }],
      views: [{ id: 'sum', computed: true }],
      placement: { labels: { watches: 'load' } },
    },
  };
  await writeFile(file, JSON.stringify(document));
  return file;
}
