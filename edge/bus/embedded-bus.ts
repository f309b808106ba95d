import { DewproofError } from '../../core/errors.ts';
import type { Log } from '../../platform/log.ts';
import { startBroker } from '../../platform/mqtt/broker.ts';
import type { Bus, BusMessage, Subscription } from './bus.ts';
import { filtersOverlap } from './topic-filters.ts';

/** Where the broker listens. */
export interface EmbeddedBusOptions {
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  readonly log: Log;
}

/**
 * Starts the broker within the edge. Sensors may publish only where a running resource listens, and nobody outside may
 * subscribe: what a sensor says reaches a caller through a view, which has a policy. Resources are inside and need no
 * connection, hence no credential that could leak.
 * @throws PORT_IN_USE, CONFIG
 */
export async function startEmbeddedBus(options: EmbeddedBusOptions): Promise<Bus> {
  const filters = new Map<symbol, string>();
  const isWanted = (topic: string) => [...filters.values()].some((filter) => filtersOverlap([filter, topic]));
  const broker = await startBroker({
    ...options,
    authorizePublish: ({ topic }) => isWanted(topic),
    authorizeSubscribe: () => false,
  });

  function subscribe(filter: string, deliver: (message: BusMessage) => void): Subscription {
    const id = Symbol(filter);
    filters.set(id, filter);
    let state: 'starting' | 'active' | 'closed' = 'starting';
    let unsubscribe = () => undefined as unknown;
    const onMessage = (message: BusMessage) => {
      if (state !== 'closed') deliver(message);
    };
    broker.subscribe(filter, onMessage).then(
      (stop) => {
        if (state === 'closed') stop();
        else [state, unsubscribe] = ['active', stop];
      },
      (error: unknown) => {
        options.log.error({ error, filter }, 'The embedded broker took no subscription');
      },
    );
    return {
      verify: () => {
        if (state === 'active') return;
        throw new DewproofError('BROKER_UNAVAILABLE', 'The embedded broker has not taken the subscription yet.');
      },
      close: () => {
        state = 'closed';
        filters.delete(id);
        unsubscribe();
      },
    };
  }

  return { subscribe, url: broker.url, close: () => broker.close() };
}
