import { join } from 'node:path';
import type { Site, SiteEdge } from './open-site.ts';
import { edgeStatus, waitFor } from './status.ts';

/** A resource, its document's file, and the edge that is to run it. */
export interface Publication {
  readonly name: string;
  readonly file: string;
  readonly edge: string;
}

/** What the local site runs: this host's own counters in plain views. */
export const hostPublications: readonly Publication[] = [
  { name: 'host-load', edge: 'edge-1' },
  { name: 'host-network', edge: 'edge-2' },
].map((one) => ({ ...one, file: join('examples', `${one.name}.yaml`) }));

/** Proposes, approves and waits until each edge runs what it is to run. @throws TIMEOUT, INTERNAL */
export async function publishResources(
  site: Site,
  { publications, step }: { publications: readonly Publication[]; step: (message: string) => void },
): Promise<void> {
  const names = publications.map(({ name }) => name);
  step(`the operator proposes ${names.join(' and ')} (dewproof apply)`);
  await site.run('operator', ['apply', ...publications.flatMap(({ file }) => ['-f', file])]);
  step('the approver approves (dewproof approve)');
  await site.run('approver', ['approve', ...names, '--yes']);
  step('waiting for the edges to verify and start what was approved');
  for (const { name, edge } of publications) {
    await waitFor(`${edge} to run ${name}`, async () => {
      const { resources } = await edgeStatus(site, edgeOf(site, edge));
      return resources.some((resource) => resource.name === name && resource.state === 'RUNNING') ? true : undefined;
    });
  }
}

/** An edge of the site by its name. */
export function edgeOf(site: Site, name: string): SiteEdge {
  const edge = site.edges.find((candidate) => candidate.name === name);
  if (!edge) throw new TypeError(`the site has no ${name}`);
  return edge;
}
