import { onTestFinished } from 'vitest';
import { digestOf } from '../../../../core/digest.ts';
import type { VirtualResource } from '../../../../core/document/schema.ts';
import { DewproofError } from '../../../../core/errors.ts';
import { groupIdOf, resourceIdOf } from '../../../../core/ids.ts';
import { verifyConfiguration, type ConfigurationQuestion } from '../../../../core/verify.ts';
import type { Behaviour } from '../../../../edge/behaviours/behaviour.ts';
import type { ScriptBehaviours } from '../../../../edge/behaviours/script/script-behaviours.ts';
import type { Json, OutboundRequest, Reach } from '../../../../edge/reach/reach.ts';
import { rawResource } from '../../../core/support/samples.ts';
import { questionAt } from '../../../core/support/site.ts';

/** What a script did to its reach. */
export interface Recorded {
  readonly acts: { action: string; value: unknown }[];
  readonly logs: string[];
  readonly fetched: OutboundRequest[];
  readonly store: Map<string, Json>;
  readonly failures: Error[];
}

/** A reach that refuses what the document does not name, as the device's own does, and keeps what was asked. */
export function createTestReach(): Reach & { readonly recorded: Recorded } {
  const recorded: Recorded = { acts: [], logs: [], fetched: [], store: new Map(), failures: [] };
  const notFound = () => new DewproofError('NOT_FOUND', 'This resource names nothing of that name.');
  return {
    recorded,
    latest: (id) => {
      if (id !== 'temperature') throw notFound();
      return { timeMs: 1_000, value: 21 };
    },
    range: ({ id, fromMs }) =>
      id === 'temperature'
        ? Promise.resolve({ readings: [{ timeMs: fromMs, value: 20 }], next: undefined })
        : Promise.reject(notFound()),
    view: (view) => (view === 'now' ? Promise.resolve({ reading: { value: 21 } }) : Promise.reject(notFound())),
    store: {
      get: (key) => recorded.store.get(key),
      put: (key, value) => {
        if (key.length > 256 || JSON.stringify(value).length > 16_384) throw new DewproofError('SCHEMA', 'Too large.');
        recorded.store.set(key, value);
      },
      delete: (key) => void recorded.store.delete(key),
      keys: () => [...recorded.store.keys()].sort(),
    },
    act: (action, value) => {
      if (action !== 'vent') return Promise.reject(notFound());
      recorded.acts.push({ action, value });
      return Promise.resolve();
    },
    fetch: (request) => {
      recorded.fetched.push(request);
      if (!request.url.startsWith('https://weather.example/')) {
        return Promise.reject(new DewproofError('FORBIDDEN', 'The document does not name that address.'));
      }
      return Promise.resolve({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"rain":1}' });
    },
    secret: (name) => (name === 'api-key' ? Promise.resolve('hush') : Promise.reject(notFound())),
    log: ({ level, text }) => {
      recorded.logs.push(`${level} ${text}`);
    },
  };
}

/** Which script, whose, and within which limits. */
export interface StartScriptOptions {
  readonly tenant?: string;
  readonly name?: string;
  readonly limits?: object;
  /** What the document names outside. */
  readonly outbound?: readonly string[];
  /** Parts of the reach that are to be the device's own. */
  readonly reach?: (resource: VirtualResource) => Partial<Reach>;
  readonly signal?: AbortSignal;
}

/** A script that was started, with what it does to its reach. */
export interface StartedScript {
  readonly behaviour: Behaviour;
  readonly recorded: Recorded;
  /** Tells it a temperature. */
  readonly deliver: (value: number | string | boolean) => void;
  /** What its view `state` answers. */
  readonly view: (query?: object) => Promise<unknown>;
}

/** Starts a script as the host of resources does. */
export async function startScript(
  behaviours: ScriptBehaviours,
  source: string | Uint8Array,
  options: StartScriptOptions = {},
): Promise<StartedScript> {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  const { tenant = 'greenfields', name = 'barn-climate' } = options;
  const artifact = { digest: digestOf(bytes), size: bytes.length };
  const document = rawResource(
    {
      runtime: { kind: 'script', artifact, ...(options.limits === undefined ? {} : { limits: options.limits }) },
      views: [{ id: 'state', computed: true }],
      outbound: options.outbound ?? [],
    },
    { tenant, name },
  );
  const configuration = verifyConfiguration(questionOf(document, { tenant, name }));
  const reach = createTestReach();
  const behaviour = await behaviours.start({
    configuration,
    artifacts: new Map([[artifact.digest, bytes]]),
    reach: { ...reach, ...options.reach?.(configuration.resolved) },
    signal: options.signal ?? new AbortController().signal,
    onFailure: (error) => void reach.recorded.failures.push(error),
  });
  onTestFinished(() => behaviour.stop());
  return {
    behaviour,
    recorded: reach.recorded,
    deliver: (value) => {
      behaviour.deliver({ input: 'temperature', timeMs: 1_700_000_000_000, value });
    },
    view: async (query = {}) => {
      const answer = (await behaviour.computeView?.('state', query as never)) as { readonly value: unknown };
      return answer.value;
    },
  };
}

function questionOf(document: Record<string, unknown>, scope: { tenant: string; name: string }): ConfigurationQuestion {
  const resource = resourceIdOf(scope);
  const group = groupIdOf({ tenant: scope.tenant, name: 'barn-7' });
  return questionAt({
    document,
    record: { resource, group },
    device: { group },
    question: { resource, runtimes: ['script'] },
  });
}
