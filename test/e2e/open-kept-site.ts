import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSite, type Site, type SiteEdge, type SiteOptions } from '../../scripts/site/open-site.ts';
import { hostPublications, publishResources } from '../../scripts/site/publish.ts';
import type { SiteProcess } from '../../scripts/site/processes.ts';
import { startKeepingAnvil, type DevNode } from '../support/nodes.ts';

/** A site in a folder of its own that runs what it publishes; its chain comes back with what it had saved. */
export interface KeptSite {
  readonly site: Site;
  readonly folder: string;
  /** The chain's node that was started last. */
  readonly chain: () => DevNode;
  /** Where it saves its state, once a second. */
  readonly stateFile: string;
  readonly edgeAt: (index: number) => SiteEdge;
  /** Stops it and removes its folder. */
  readonly close: () => Promise<void>;
}

/** Opens a site whose processes can be killed, the chain's too. */
export async function openKeptSite(
  options: Pick<SiteOptions, 'confirmations' | 'finality' | 'staleAfter'>,
): Promise<KeptSite> {
  const folder = await mkdtemp(join(tmpdir(), 'dewproof-kept-'));
  const stateFile = join(folder, 'chain-state.json');
  let started: DevNode | undefined;
  const startChain = async ({ port }: { readonly port: number }): Promise<SiteProcess> => {
    const node = await startKeepingAnvil({ stateFile, port });
    started = node;
    return { name: 'chain', pid: node.pid, stop: () => node.kill() };
  };
  const chain = (): DevNode => {
    if (!started) throw new Error('the site has no chain');
    return started;
  };
  const quiet = { step: () => undefined };
  const { signal } = new AbortController();
  const site = await openSite({
    folder: join(folder, 'site'),
    withAttacker: false,
    startChain,
    signal,
    ...quiet,
    ...options,
  });
  await publishResources(site, { publications: hostPublications, ...quiet });
  const edgeAt = (index: number): SiteEdge => {
    const edge = site.edges[index];
    if (!edge) throw new Error(`the site has no edge ${index}`);
    return edge;
  };
  const close = async (): Promise<void> => {
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { site, folder, chain, stateFile, edgeAt, close };
}
