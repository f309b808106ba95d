import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf } from '../../../core/digest.ts';
import { ANYONE } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import { GENESIS, makeBundle, openState, worldAnchor, type BundleOf } from './bundle-world.ts';
import { createSite, resourceOf, type Site } from './site.ts';
import { startTestDew, type TestDew } from './test-dew.ts';
import { startTestEdge } from './test-edge.ts';

/** A site whose dew hands out proof bundles of what its ledger holds. */
export interface BundleSite {
  readonly site: Site;
  readonly dew: TestDew;
  /** What the dew hands out; undefined where it has none. */
  bundle: Uint8Array | undefined;
  /** Answers in the dew's stead where it is set. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Makes a bundle of the ledger as it is now, at a height of its own, and hands it out. */
  prove(of?: Partial<BundleOf>): Uint8Array;
  /** Starts an edge that follows the dew's bundles. */
  startEdge(options?: Partial<Parameters<typeof startTestEdge>[1]>): ReturnType<typeof startTestEdge>;
}

/** A right clock of the world that stands still: an hour after block 0. */
export const WORLD_NOW_MS = (Number(GENESIS) + 3600) * 1000;

/** Makes the site, with a resource `climate` that anyone may read and push to. */
export async function createBundleSite(spec: Record<string, unknown> = {}): Promise<BundleSite> {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate', spec);
  const actions = ['read', 'write'] as const;
  await site.do({
    type: 'set-grant',
    resource: resourceOf('climate'),
    subject: ANYONE,
    actions,
    offline: false,
    expiresAt: NEVER,
  });
  dew.assign('climate');
  let height = 10n;
  const world: BundleSite = {
    site,
    dew,
    bundle: undefined,
    answer: undefined,
    prove: (of) => {
      height += 1n;
      world.bundle = makeBundle({ state: site.chain.state(), account: site.account, height, ...of });
      return world.bundle;
    },
    startEdge: (options) =>
      startTestEdge(site, {
        dewUrls: [dew.url],
        openState,
        anchor: worldAnchor,
        releasedAtMs: Number(GENESIS) * 1000,
        clock: () => WORLD_NOW_MS,
        ...options,
      }),
  };
  dew.attack = ({ path, request, response }) => {
    if (path !== `/v1/bundles/${site.account}`) return false;
    if (world.answer !== undefined) world.answer(request, response);
    else serveBundle(world.bundle, { request, response });
    return true;
  };
  world.prove();
  return world;
}

/** Answers as a dew does: tagged, and with nothing where the caller has it. */
export function serveBundle(
  bundle: Uint8Array | undefined,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): void {
  if (bundle === undefined) {
    response.writeHead(503).end();
    return;
  }
  const etag = `"${digestOf(bundle).slice('sha256:'.length)}"`;
  if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
  else response.writeHead(200, { 'content-type': 'application/cbor', etag }).end(bundle);
}
