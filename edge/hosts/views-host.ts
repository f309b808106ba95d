import { durationMs } from '../../core/document/duration.ts';
import type { Input, VirtualResource } from '../../core/document/schema.ts';
import { hasCode, type DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import type { Bus, BusMessage } from '../bus/bus.ts';
import type { ReadingPlan } from '../readings/reading.ts';
import type { ReadingsStore } from '../readings/readings-store.ts';
import type { ResourceReadings } from '../readings/resource-readings.ts';
import { answerView } from './answer-view.ts';
import type { StartHost } from './host.ts';
import { parsePayload } from './parse-payload.ts';

/** What the host of views stands on; `trouble` is why the last commit of readings failed. */
export interface ViewsHostDeps {
  readonly bus: Bus;
  readonly store: ReadingsStore;
  readonly trouble: () => DewproofError | undefined;
}

/**
 * Makes the host of resources without code: it keeps what their inputs receive and answers their views. While it stands
 * by it listens but keeps nothing, so that two versions never record one message twice.
 */
export function createViewsHost({ bus, store, trouble }: ViewsHostDeps): StartHost {
  return async ({ configuration }) => {
    const resource = configuration.resolved;
    const readings = await store.open(resourceIdOf(resource.metadata));
    const dropped: Record<string, number> = {};
    let isActive = false;

    const receive = (input: Input, { payload }: BusMessage) => {
      if (!isActive) return;
      try {
        readings.append({ input: input.id, value: parsePayload(payload, input.payload) });
      } catch (error) {
        // Anyone near a sensor can send this: it is counted, never fatal.
        const reason = hasCode(error) ? error.code : 'INTERNAL';
        dropped[reason] = (dropped[reason] ?? 0) + 1;
      }
    };
    const subscriptions = resource.spec.inputs.flatMap((input) =>
      'mqtt' in input
        ? [
            bus.subscribe(input.mqtt.topic, (message) => {
              receive(input, message);
            }),
          ]
        : [],
    );

    return {
      probe: async () => {
        for (const subscription of subscriptions) subscription.verify();
        const error = trouble();
        if (error !== undefined) throw error;
        return Promise.resolve();
      },
      takeOver: async () => {
        isActive = true;
        await readings.configure(planOf(resource));
      },
      answerView: (view, query) => answerView({ view, query }, { resource, readings }),
      counts: () => countsOf(readings, dropped),
      stop: () => {
        isActive = false;
        for (const subscription of subscriptions) subscription.close();
        return Promise.resolve();
      },
    };
  };
}

function planOf({ spec }: VirtualResource): ReadingPlan {
  return {
    windows: spec.views.flatMap((view) =>
      'window' in view ? [{ input: view.input, windowMs: durationMs(view.window) }] : [],
    ),
    retentionMs: durationMs(spec.store.retention),
    maxEntries: spec.store.maxEntries,
  };
}

function countsOf(readings: ResourceReadings, dropped: Readonly<Record<string, number>>) {
  const { entries, lost } = readings.counts();
  return { readings: entries, dropped: lost === 0 ? { ...dropped } : { ...dropped, lost } };
}
