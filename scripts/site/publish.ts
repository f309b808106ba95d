import { join } from 'node:path';
import type { Site, SiteEdge } from './open-site.ts';
import { edgeStatus, waitFor } from './status.ts';

const published: Readonly<Record<string, SiteEdge['name']>> = { 'host-load': 'edge-1', 'host-network': 'edge-2' };

/** Proposes, approves and waits until each edge runs what its labels ask for. @throws TIMEOUT, INTERNAL */
export async function publishResources(site: Site, options: { step: (message: string) => void }): Promise<void> {
  const { step } = options;
  const names = Object.keys(published);
  step(`the operator proposes ${names.join(' and ')} (dewproof apply)`);
  await site.run('operator', ['apply', ...names.flatMap((name) => ['-f', join('examples', `${name}.yaml`)])]);
  step('the approver approves them (dewproof approve)');
  await site.run('approver', ['approve', ...names, '--yes']);
  step('waiting for the edges to verify and start them');
  for (const [name, edgeName] of Object.entries(published)) {
    const edge = site.edges.find((candidate) => candidate.name === edgeName);
    if (!edge) throw new TypeError(`the site has no ${edgeName}`);
    await waitFor(`${edgeName} to run ${name}`, async () => {
      const { resources } = await edgeStatus(site, edge);
      return resources.some((resource) => resource.name === name && resource.state === 'RUNNING') ? true : undefined;
    });
  }
}
