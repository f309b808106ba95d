import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { startHardhatNode } from '../site/chain-process.ts';
import { openSite, type EdgeSpec, type Ground, type Site } from '../site/open-site.ts';
import { publishResources } from '../site/publish.ts';
import { loadExample } from './load-example.ts';
import { examplesFolder, type Example, type Field } from './example.ts';
import { verifyNeeds } from './verify-needs.ts';

const EDGE = 'edge-1';

/** What an example is opened with. */
export interface ExampleOptions {
  readonly name: string;
  readonly folder: string;
  /** Told what happens, as it happens. */
  readonly step: (message: string) => void;
  readonly signal: AbortSignal;
}

/** An example that runs. */
export interface OpenExample {
  readonly example: Example;
  readonly site: Site;
  readonly field: Field;
}

/**
 * Opens an example: its sensors, a chain, a dew server and an edge, its resources published, approved and running.
 * @throws USAGE (no such example), CONFIG (a program is missing), and what `openSite` throws
 */
export async function openExample(options: ExampleOptions): Promise<OpenExample> {
  const { name, folder, step, signal } = options;
  const example = await loadExample(name);
  await verifyNeeds(example.needs);
  const place = join(examplesFolder, name);
  let field: Field = { bindings: {} };
  const site = await openSite({
    folder,
    withAttacker: false,
    startChain: startHardhatNode,
    confirmations: 0,
    finality: 'rpc',
    step,
    signal,
    castEdges: async (ground) => {
      step('starting sensors and actuators');
      field = await example.startField(ground);
      return [await castEdge(field, { ground, place })];
    },
    ...(example.grants === undefined ? {} : { grants: example.grants }),
  });
  try {
    const publications = example.resources.map((resource) => {
      return { name: resource, file: join(place, `${resource}.yaml`), edge: EDGE };
    });
    await publishResources(site, { publications, step });
    await example.startSensors?.(site);
    return { example, site, field };
  } catch (error) {
    await site.stop();
    throw error;
  }
}

const profileSchema = z.looseObject({
  spec: z.looseObject({ bindings: z.record(z.string(), z.string()).default({}) }),
});

/** The example's profile, with the addresses that its sensors have this time. */
async function castEdge(
  { bindings, env }: Field,
  { ground, place }: { ground: Ground; place: string },
): Promise<EdgeSpec> {
  const profile = profileSchema.parse(parse(await readFile(join(place, 'profile.yaml'), 'utf8')));
  const file = join(ground.folder, 'profile.yaml');
  const spec = { ...profile.spec, bindings: { ...profile.spec.bindings, ...bindings } };
  await writeFile(file, stringify({ ...profile, spec }));
  return { name: EDGE, profile: file, ...(env === undefined ? {} : { env }) };
}
