import type { VirtualResource } from '../../../core/document/schema.ts';
import { DewproofError } from '../../../core/errors.ts';
import { ANY_RESOURCE } from '../../../core/ids.ts';
import { createResourceKeyValues } from '../../kv/resource-key-values.ts';
import { parseScalar } from '../../payload/parse-scalar.ts';
import type { Reach } from '../../reach/reach.ts';
import { verifyOutbound } from '../../reach/verify-outbound.ts';
import type { ReadingEvent } from '../behaviour.ts';

const MAX_READINGS = 1_000;

/** What a script reaches in a rehearsal: memory, and nothing outside. */
export interface RehearsalReach extends Reach {
  /** A reading came in. */
  receive(event: ReadingEvent): void;
}

/** Makes it; `tell` hears what was done. */
export function createRehearsalReach(deps: {
  readonly document: VirtualResource | undefined;
  readonly clock: () => number;
  readonly tell: (did: string, rest: Readonly<Record<string, unknown>>) => void;
}): RehearsalReach {
  const { document, clock, tell } = deps;
  const readings = new Map<string, ReadingEvent[]>();
  const { store } = createResourceKeyValues({
    resource: ANY_RESOURCE,
    values: new Map(),
    onDirty: () => undefined,
  });
  const parts = document === undefined ? undefined : [...document.spec.inputs, ...document.spec.actions];
  const receive = (event: ReadingEvent) => {
    const list = readings.get(event.input) ?? [];
    list.push(event);
    if (list.length > 20 * MAX_READINGS) list.splice(0, 10 * MAX_READINGS);
    readings.set(event.input, list);
  };
  const of = (id: string) => {
    if (parts !== undefined && !parts.some((part) => part.id === id)) throw notFound(`input or action ${id}`);
    return readings.get(id) ?? [];
  };
  return {
    receive,
    latest: (id) => of(id).at(-1),
    range: async ({ id, fromMs, toMs }) => {
      const within = of(id).filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
      return Promise.resolve({ readings: within.slice(0, MAX_READINGS), next: undefined });
    },
    view: (view) => {
      const isKnown = document?.spec.views.some(({ id }) => id === view) ?? true;
      if (!isKnown) return Promise.reject(notFound(`view ${view}`));
      return Promise.reject(
        new DewproofError('UNSUPPORTED', 'A rehearsal has no views but those that the script computes.'),
      );
    },
    store: {
      ...store,
      put: (key, value) => {
        store.put(key, value);
        tell('put', { key, value });
      },
      delete: (key) => {
        store.delete(key);
        tell('delete', { key });
      },
    },
    act: (id, value) =>
      Promise.resolve().then(() => {
        const action = document?.spec.actions.find((one) => one.id === id);
        if (document !== undefined && action === undefined) throw notFound(`action ${id}`);
        const done = action === undefined ? value : parseScalar(value, action.payload);
        tell('action', { action: id, value: done });
        if (typeof done === 'number' || typeof done === 'string' || typeof done === 'boolean') {
          receive({ input: id, timeMs: clock(), value: done });
        }
      }),
    fetch: (request) =>
      Promise.resolve().then(() => {
        if (document !== undefined) verifyOutbound(request.url, document.spec);
        tell('fetch', { url: request.url, method: request.method });
        throw new DewproofError('UNHEALTHY', 'A rehearsal reaches nobody.');
      }),
    secret: (name) =>
      document === undefined || document.spec.secrets.includes(name)
        ? Promise.resolve(`secret ${name}`)
        : Promise.reject(notFound(`secret ${name}`)),
    log: ({ level, text }) => {
      tell('log', { level, text });
    },
  };
}

function notFound(what: string): DewproofError {
  return new DewproofError('NOT_FOUND', `The document names no ${what}.`);
}
