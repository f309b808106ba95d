import type { Log } from '../../platform/log.ts';
import { startBroker } from '../../platform/mqtt/broker.ts';
import type { Bus, BusMessage, Outlet } from './bus.ts';
import { filtersOverlap } from './topic-filters.ts';

/** Where the broker listens. */
export interface EmbeddedBusOptions {
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Brings what subscribers kept so far to the disk: only then is a sensor's QoS 1 message acknowledged. */
  readonly commit: () => Promise<void>;
  readonly log: Log;
}

/**
 * Starts the broker within the edge. Sensors may publish only where a running resource listens; actuators may
 * subscribe to the very topic of a running resource's action, and nobody outside to anything else: what a sensor says
 * reaches a caller through a view, which has a policy. Resources are inside and need no connection, hence no
 * credential that could leak.
 * @throws PORT_IN_USE, CONFIG
 */
export async function startEmbeddedBus({ commit, ...options }: EmbeddedBusOptions): Promise<Bus> {
  const subscriptions = new Map<symbol, { filter: string; deliver: (message: BusMessage) => void }>();
  const outlets = new Map<symbol, string>();
  let isFailing = false;

  async function keep(): Promise<void> {
    try {
      await commit();
      isFailing = false;
    } catch (error) {
      isFailing = true;
      throw error;
    }
  }

  const listening = (topic: string) =>
    [...subscriptions.values()].filter(({ filter }) => filtersOverlap([filter, topic]));
  const broker = await startBroker({
    ...options,
    authorizePublish: ({ topic }) => listening(topic).length > 0,
    authorizeSubscribe: ({ topic }) => [...outlets.values()].includes(topic),
    receive: async ({ topic, payload }, { mustKeep }) => {
      // A message that a full disk refused is sent again and again: each time it would be one reading more.
      if (mustKeep && isFailing) await keep();
      for (const { deliver } of listening(topic)) deliver({ topic, payload });
      if (mustKeep) await keep();
    },
  });
  function openTopic(topic: string): Outlet {
    const id = Symbol(topic);
    outlets.set(id, topic);
    return {
      send: (payload) => broker.publish({ topic, payload }),
      close: () => {
        outlets.delete(id);
      },
    };
  }

  return {
    openTopic,
    subscribe: (filter, deliver) => {
      const id = Symbol(filter);
      subscriptions.set(id, { filter, deliver });
      return {
        // Within this process a subscription holds from the moment that it is made.
        verify: () => undefined,
        close: () => {
          subscriptions.delete(id);
        },
      };
    },
    url: broker.url,
    close: () => broker.close(),
  };
}
