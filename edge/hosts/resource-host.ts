import { durationMs } from '../../core/document/duration.ts';
import type { Input, VirtualResource } from '../../core/document/schema.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import type { Behaviour, StartBehaviour } from '../behaviours/behaviour.ts';
import { combineBehaviours } from '../behaviours/combine-behaviours.ts';
import { parsePayload } from '../payload/parse-payload.ts';
import type { Reach } from '../reach/reach.ts';
import type { ResourceParts } from '../reach/resource-parts.ts';
import type { ReadingPlan } from '../readings/reading.ts';
import { partsFor } from '../readings/reduce-window.ts';
import type { ReadingsStore } from '../readings/readings-store.ts';
import type { ResourceReadings } from '../readings/resource-readings.ts';
import type { Transports } from '../transports/transports.ts';
import { settleAll } from '../settle-all.ts';
import { sumCounts } from '../sum-counts.ts';
import { answerView, findView } from './answer-view.ts';
import { followView } from './follow-view.ts';
import type { StartHost } from './host.ts';
import { openActuators } from './open-actuators.ts';
import { seriesOf } from './view-windows.ts';

/** What hosts stand on; `trouble` is why the last commit of readings failed. */
export interface ResourceHostDeps {
  readonly transports: Transports;
  readonly store: ReadingsStore;
  readonly trouble: () => DewproofError | undefined;
  readonly logic: Logic;
}

/** Which logic a resource has, in the order of starting, and what it can reach. */
export interface Logic {
  readonly behavioursOf: (resource: VirtualResource) => readonly StartBehaviour[];
  readonly openReach: (parts: ResourceParts) => Promise<Reach>;
}

/**
 * Makes the host of resources: it keeps what inputs receive, answers views, does actions, and tells the
 * resource's logic where it has any. While it stands by it listens but keeps nothing, so that two versions never
 * record one message twice.
 */
export function createResourceHost(deps: ResourceHostDeps): StartHost {
  return async (start) => {
    const { configuration } = start;
    const resource = configuration.resolved;
    const readings = await deps.store.open(resourceIdOf(resource.metadata));
    const dropped: Record<string, number> = {};
    let behaviour: Behaviour | undefined;
    let isActive = false;
    const life = new AbortController();

    const opened: (() => void | Promise<void>)[] = [];
    // All at once: from this moment on nothing comes in, and nothing that waits goes out.
    const stop = () => {
      isActive = false;
      life.abort();
      return settleAll(opened.map(async (close) => close()));
    };

    const actuators = openActuators(resource.spec.actions, deps.transports);
    opened.push(() => actuators.close());
    const act: Reach['act'] = async (action, value) => {
      // A version that stands by, or was replaced, moves nothing.
      if (!isActive) throw new DewproofError('UNHEALTHY', 'This version does not act now.');
      readings.append({ input: action, value: await actuators.act(action, value) });
    };
    const view: Reach['view'] = (name, query) => {
      const computed = resource.spec.views.some((one) => one.id === name && 'computed' in one);
      if (computed && behaviour?.computeView !== undefined) return behaviour.computeView(name, query);
      return answerView({ view: name, query }, { resource, readings });
    };
    const receive = (input: Input, message: Uint8Array) => {
      const reading = readings.append({ input: input.id, value: parsePayload(message, input.payload) });
      behaviour?.deliver({ input: input.id, ...reading });
    };
    const receiveFromAnyone = (input: Input, message: Uint8Array) => {
      if (!isActive) return;
      try {
        receive(input, message);
      } catch (error) {
        // Anyone near a sensor can send this: it is counted, never fatal.
        const reason = hasCode(error) ? error.code : 'INTERNAL';
        dropped[reason] = (dropped[reason] ?? 0) + 1;
      }
    };

    const startLogic = async (starts: readonly StartBehaviour[]) => {
      const reach = await deps.logic.openReach({ start, readings, act, view });
      const started = await combineBehaviours(starts)({ ...start, reach });
      opened.push(() => started.stop());
      return started;
    };
    const openSource = (input: Input) => {
      const source = deps.transports.openSource(input, (message) => {
        receiveFromAnyone(input, message);
      });
      opened.push(() => {
        source.close();
      });
      return source;
    };
    const openAll = async () => {
      const starts = deps.logic.behavioursOf(resource);
      if (starts.length > 0) behaviour = await startLogic(starts);
      return resource.spec.inputs.map(openSource);
    };
    // A version that does not start leaves nothing open: a topic that is open, somebody may subscribe to.
    const sources = await openAll().catch(async (error: unknown) => {
      await stop();
      throw error;
    });

    return {
      probe: async (signal) => {
        for (const source of sources) source.verify();
        const error = deps.trouble();
        if (error !== undefined) throw error;
        await behaviour?.probe(signal);
      },
      takeOver: async () => {
        isActive = true;
        await readings.configure(planOf(resource));
        await behaviour?.takeOver();
      },
      answerView: view,
      subscribe: (name, { after, signal }) =>
        followView(
          { view: findView(name, resource), after, signal: AbortSignal.any([signal, life.signal]) },
          { resource, readings },
        ),
      act,
      push: async (id, message) => {
        const input = resource.spec.inputs.find((one) => one.id === id && 'push' in one);
        if (input === undefined) throw new DewproofError('NOT_FOUND', `Nothing can be pushed to ${id} here.`);
        if (!isActive) throw new DewproofError('UNHEALTHY', 'This version does not take readings now.');
        receive(input, message);
        await deps.store.commit();
      },
      counts: () =>
        countsOf(
          readings,
          sumCounts([dropped, behaviour?.dropped() ?? {}, ...sources.map(({ counts }) => counts?.() ?? {})]),
        ),
      stop,
    };
  };
}

function planOf({ spec }: VirtualResource): ReadingPlan {
  return {
    windows: spec.views.flatMap((view) =>
      'window' in view ? seriesOf(view).map((series) => ({ ...series, parts: partsFor(view.aggregate) })) : [],
    ),
    retentionMs: durationMs(spec.store.retention),
    maxEntries: spec.store.maxEntries,
  };
}

function countsOf(readings: ResourceReadings, dropped: Readonly<Record<string, number>>) {
  const { entries, lost } = readings.counts();
  return { readings: entries, dropped: lost === 0 ? { ...dropped } : { ...dropped, lost } };
}
