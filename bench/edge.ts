import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import type { Site, SiteEdge } from '../scripts/site/open-site.ts';
import { waitFor } from '../scripts/site/status.ts';
import type { Figure } from './report.ts';
import { median, timed } from './statistics.ts';

const rounds = 5;
const most = 10;

const statusSchema = z.object({
  resources: z.array(z.object({ name: z.string(), state: z.string(), startedInMs: z.number().nullable() })),
});
const readyAgain = { timeoutMs: 60_000, everyMs: 20 };

/** Latency of the 1st and the 10th resource, and an agent's start and memory with 1 and with 10 of them. */
export async function benchEdge(site: Site): Promise<readonly Figure[]> {
  const [edge] = site.edges;
  if (!edge) throw new TypeError('the site has no edge');
  await publish(site, 1);
  await waitRunning(site, { edge, count: 1 });
  const first = await latencyOf(site, { edge, name: nameOf(1) });
  const one = await benchStart(site, { edge, count: 1 });
  for (let index = 2; index <= most; index += 1) {
    await publish(site, index);
    await waitRunning(site, { edge, count: index });
  }
  const tenth = await latencyOf(site, { edge, name: nameOf(most) });
  const ten = await benchStart(site, { edge, count: most });
  const rest = await memoryAtRest(site, edge);
  const latency = 'fetch from the dew, verify, fsync, start, healthy, commit; one sample';
  return [
    { what: 'verify + start, 1st resource', value: first, unit: 'ms', how: latency },
    { what: `verify + start, ${most}th resource`, value: tenth, unit: 'ms', how: latency },
    ...figuresOf(1, one),
    ...figuresOf(most, ten),
    { what: `agent RSS at rest, ${most} resources`, value: rest.rssMB, unit: 'MB', how: '30 s after its start' },
    {
      what: 'of it its own',
      value: rest.ownMB,
      unit: 'MB',
      how: 'the rest is code of Node, shared by all that run it',
    },
  ];
}

interface Started {
  readonly readyMs: number;
  readonly runningMs: number;
  readonly rssMB: number;
}

function figuresOf(count: number, { readyMs, runningMs, rssMB }: Started): readonly Figure[] {
  const of = count === 1 ? '1 resource' : `${count} resources`;
  const how = `kill -9, start again; median of ${rounds}`;
  return [
    { what: `agent start to ready, ${of}`, value: readyMs, unit: 'ms', how: `${how}; the key's scrypt included` },
    { what: `agent start to all running, ${of}`, value: runningMs, unit: 'ms', how },
    { what: `agent RSS, ${of}`, value: rssMB, unit: 'MB', how },
  ];
}

async function benchStart(site: Site, { edge, count }: { edge: SiteEdge; count: number }): Promise<Started> {
  const samples: Started[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await site.processes.kill(edge.name);
    const startedMs = performance.now();
    const { ms: readyMs } = await timed(() => site.processes.restart(edge.name));
    await waitServed(edge, { count, ...readyAgain });
    samples.push({ readyMs, runningMs: performance.now() - startedMs, rssMB: await rssOf(site, edge) });
  }
  const middle = (pick: (sample: Started) => number): number => median(samples.map(pick));
  return {
    readyMs: middle(({ readyMs }) => readyMs),
    runningMs: middle(({ runningMs }) => runningMs),
    rssMB: middle(({ rssMB }) => rssMB),
  };
}

/** Waits until so many resources run. It asks over HTTP: a `dewproof status` would take longer than what is measured. */
export async function waitServed(
  edge: SiteEdge,
  { count, ...patience }: { readonly count: number; readonly timeoutMs: number; readonly everyMs: number },
): Promise<void> {
  await waitFor(
    `${count} resources to run`,
    async () => {
      const response = await fetch(`${edge.url}/v1/resources`).catch(() => undefined);
      if (response?.ok !== true) return undefined;
      const { resources } = (await response.json()) as { resources: { state: string }[] };
      return resources.filter(({ state }) => state === 'RUNNING').length === count ? true : undefined;
    },
    patience,
  );
}

async function statusOf(site: Site, edge: SiteEdge): Promise<z.output<typeof statusSchema>> {
  return statusSchema.parse(JSON.parse(await site.run(edge.name, ['status', '-o', 'json'])));
}

async function waitRunning(site: Site, { edge, count }: { edge: SiteEdge; count: number }): Promise<void> {
  await waitFor(`${count} resources to run`, async () => {
    const { resources } = await statusOf(site, edge);
    return resources.filter(({ state }) => state === 'RUNNING').length === count ? true : undefined;
  });
}

async function latencyOf(site: Site, { edge, name }: { edge: SiteEdge; name: string }): Promise<number> {
  const { resources } = await statusOf(site, edge);
  const startedInMs = resources.find((resource) => resource.name === name)?.startedInMs;
  if (startedInMs === null || startedInMs === undefined) throw new TypeError(`${name} does not run`);
  return startedInMs;
}

/** What an edge holds once V8 gave back what starting took (by 25 s after it); `ownMB` is shared with no other process. */
export async function memoryAtRest(site: Site, edge: SiteEdge): Promise<{ rssMB: number; ownMB: number }> {
  await setTimeout(30_000);
  const rollup = await readFile(`/proc/${site.processes.pid(edge.name) ?? 0}/smaps_rollup`, 'utf8');
  const megabytes = (line: string): number =>
    Number(new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1000;
  return { rssMB: megabytes('Rss'), ownMB: megabytes('Private_Clean') + megabytes('Private_Dirty') };
}

/** Resident memory of an edge's process, in MB. */
async function rssOf(site: Site, edge: SiteEdge): Promise<number> {
  const status = await readFile(`/proc/${site.processes.pid(edge.name) ?? 0}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000;
}

function nameOf(index: number): string {
  return `bench-${index}`;
}

async function publish(site: Site, index: number): Promise<void> {
  const file = join(site.folder, `${nameOf(index)}.yaml`);
  const draft = await readFile(join('examples', 'host-load.yaml'), 'utf8');
  await writeFile(file, draft.replace('name: host-load', `name: ${nameOf(index)}`));
  await site.run('operator', ['apply', '-f', file]);
  await site.run('approver', ['approve', nameOf(index), '--yes']);
}
