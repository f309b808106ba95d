import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import type { Site, SiteEdge } from './open-site.ts';

/** What an edge says of one resource and of what it refused, as `dewproof status -o json` shows it. */
const edgeStatusSchema = z.object({
  resources: z.array(
    z.object({ tenant: z.string(), name: z.string(), state: z.string(), version: z.number().nullable() }),
  ),
  refusals: z.array(z.object({ about: z.string(), code: z.string(), message: z.string(), count: z.number() })),
});

/** An edge's status, as much of it as the site looks at. */
export type EdgeStatus = z.output<typeof edgeStatusSchema>;
/** One resource of an edge's status. */
export type ResourceStatus = EdgeStatus['resources'][number];

/** Asks an edge for its status over its control socket, as `dewproof status` does. */
export async function edgeStatus(site: Site, edge: SiteEdge): Promise<EdgeStatus> {
  return edgeStatusSchema.parse(JSON.parse(await site.run(edge.name, ['status', '-o', 'json'])));
}

/** Waits until `probe` gives something; asks again every `everyMs`. @throws TIMEOUT naming `what` */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { timeoutMs = 90_000, everyMs = 200 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline)
      throw new DewproofError('TIMEOUT', `Gave up after ${timeoutMs / 1000} s waiting for ${what}.`);
    await delay(everyMs);
  }
}
