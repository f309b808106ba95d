// `npm run bench`: prints what the README and docs/performance.md quote. Figures of one run belong together.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startHardhatNode, startMiningAtOnce } from '../scripts/site/chain-process.ts';
import { openSite, type EdgeSpec } from '../scripts/site/open-site.ts';
import { benchAgentScripts } from './agent-scripts.ts';
import { benchBundles } from './bundles.ts';
import { benchDocuments } from './documents.ts';
import { benchEdge } from './edge.ts';
import { benchHeadWrites } from './head-writes.ts';
import { benchProofs } from './proofs.ts';
import { benchProposals } from './proposals.ts';
import { printFigures } from './report.ts';
import { benchScripts } from './scripts.ts';

const folder = await mkdtemp(join(tmpdir(), 'dewproof-bench-'));
console.log(`Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`);

printFigures('Proofs', await benchProofs());
printFigures('Writes for a newer head', await benchHeadWrites());
printFigures('Scripts', await benchScripts());

const site = await openSite({
  folder: join(folder, 'site'),
  withAttacker: false,
  startChain: startHardhatNode,
  confirmations: 0,
  step: (message) => {
    console.error(message);
  },
  signal: new AbortController().signal,
  castEdges: ({ folder: place }) => castRoomyEdges(place),
});
try {
  printFigures('Edge', await benchEdge(site));
  printFigures('Dew', await benchDocuments(site, await digestOfResource('bench-1')));
  printFigures('Agent with scripts', await benchAgentScripts(site, { before: 10 }));
  await startMiningAtOnce(site.chainUrl);
  printFigures('Bundles', await benchBundles({ url: site.chainUrl, folder: site.folder }));
  printFigures('Ledger', await benchProposals(site.chainUrl));
} finally {
  await site.stop();
  await rm(folder, { recursive: true, force: true });
}

/** The local site's edges, with room for more resources than an example needs. */
async function castRoomyEdges(place: string): Promise<readonly EdgeSpec[]> {
  const names = ['edge-1', 'edge-2'];
  return Promise.all(
    names.map(async (name) => {
      const profile = await readFile(join('examples', 'site', `${name}.profile.yaml`), 'utf8');
      const file = join(place, `${name}.profile.yaml`);
      await writeFile(file, profile.replace('resources: 16', 'resources: 100'));
      return { name, profile: file };
    }),
  );
}

async function digestOfResource(name: string): Promise<string> {
  const schema = z.object({ resources: z.array(z.object({ name: z.string(), digest: z.string() })) });
  const { resources } = schema.parse(JSON.parse(await site.run('edge-1', ['status', '-o', 'json'])));
  const digest = resources.find((resource) => resource.name === name)?.digest;
  if (digest === undefined) throw new TypeError(`${name} does not run`);
  return digest;
}
