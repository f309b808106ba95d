import { setTimeout as delay } from 'node:timers/promises';
import { DewproofError } from '../../core/errors.ts';
import type { Site, SiteEdge } from './open-site.ts';

/** One resource as an edge's `status` shows it. */
export interface ResourceStatus {
  readonly tenant: string;
  readonly name: string;
  readonly state: string;
  readonly version: number | string | undefined;
  readonly refusals?: readonly { readonly code: string; readonly message: string }[];
}

/** Asks an edge for its status over its control socket, as `dewproof status` does. */
export async function edgeStatus(
  site: Site,
  edge: SiteEdge,
): Promise<{ readonly resources: readonly ResourceStatus[] }> {
  return JSON.parse(await site.run(edge.name, ['status', '-o', 'json'])) as { resources: readonly ResourceStatus[] };
}

/** Waits until `probe` gives something; asks again every `everyMs`. @throws TIMEOUT naming `what` */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { timeoutMs = 30_000, everyMs = 200 }: { timeoutMs?: number; everyMs?: number } = {},
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
