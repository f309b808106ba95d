import type { VirtualResource } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { KeyValueStore, Reach } from './reach.ts';
import type { ResourceParts } from './resource-parts.ts';

const MAX_READINGS = 1000;

/** What every reach stands on. */
export interface ReachDeps {
  readonly openKeyValues: (resource: VirtualResource) => Promise<KeyValueStore>;
  readonly fetchOutbound: (
    resource: VirtualResource,
    request: Parameters<Reach['fetch']>[0],
  ) => ReturnType<Reach['fetch']>;
  readonly log: Log;
}

/** Makes the reach of one version of a resource: its own parts, its own keys and values, the addresses it names. */
export async function openReach({ start, readings, act, view }: ResourceParts, deps: ReachDeps): Promise<Reach> {
  const { resolved: resource } = start.configuration;
  const { tenant, name } = resource.metadata;
  const known = new Set([...resource.spec.inputs, ...resource.spec.actions].map(({ id }) => id));
  const verifyKnown = (id: string) => {
    if (!known.has(id)) throw new DewproofError('NOT_FOUND', 'This resource has no such input or action.');
  };
  return {
    latest: (id) => {
      verifyKnown(id);
      return readings.latest(id);
    },
    range: async ({ id, fromMs, toMs }) => {
      verifyKnown(id);
      return readings.range({ input: id, fromMs, toMs, limit: MAX_READINGS, after: undefined });
    },
    view,
    store: await deps.openKeyValues(resource),
    act,
    fetch: (request) => deps.fetchOutbound(resource, request),
    secret: start.secret,
    log: ({ level, text }) => {
      deps.log[level]({ resource: `${tenant}/${name}`, source: 'script' }, text);
    },
  };
}
