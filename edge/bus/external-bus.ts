import type { MqttClient } from 'mqtt';
import { DewproofError } from '../../core/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Bus, BusMessage, Outlet, Subscription } from './bus.ts';
import { connectCapped } from './connect-capped.ts';
import { filtersOverlap } from './topic-filters.ts';

const RECONNECT_EVERY_MS = 1000;
const MAX_PACKET_BYTES = 65_536;
const SEND_WITHIN_MS = 5000;

/** The broker beside the edge, such as Mosquitto: `mqtt://[user:password@]host:port` or `mqtts://…`. */
export interface ExternalBusOptions {
  readonly url: string;
  readonly log: Log;
}

interface Filter {
  readonly listeners: Set<(message: BusMessage) => void>;
  state: 'waiting' | 'active' | 'refused';
}

/** One connection: brokers may send a message once for each filter that it matches, so its filters never overlap. */
interface Lane {
  readonly client: MqttClient;
  readonly filters: Map<string, Filter>;
}

/**
 * Connects to a broker beside the edge and stays connected; where it is away, subscriptions wait for it.
 * Who may publish there, that broker's own configuration decides.
 */
export function openExternalBus({ url, log }: ExternalBusOptions): Bus {
  const lanes: Lane[] = [];

  function laneFor(filter: string): Lane {
    const free = lanes.find(({ filters }) =>
      [...filters.keys()].every((other) => other === filter || !filtersOverlap([other, filter])),
    );
    return free ?? openLane();
  }

  function openLane(): Lane {
    const client = connectCapped({ url, maxPacketBytes: MAX_PACKET_BYTES, reconnectEveryMs: RECONNECT_EVERY_MS });
    const lane: Lane = { client, filters: new Map() };
    lanes.push(lane);
    client.on('error', (error) => {
      log.debug({ error }, 'The broker beside this edge can not be reached');
    });
    client.on('connect', () => {
      for (const name of lane.filters.keys()) ask(lane, name);
    });
    client.on('close', () => {
      for (const filter of lane.filters.values()) filter.state = 'waiting';
    });
    client.on('message', (topic, payload, packet) => {
      if (!packet.retain) deliver(lane, { topic, payload });
    });
    return lane;
  }

  function ask({ client, filters }: Lane, name: string): void {
    client.subscribe(name, { qos: 1 }, (error, granted) => {
      const filter = filters.get(name);
      if (filter !== undefined) filter.state = isGranted(error, granted) ? 'active' : 'refused';
    });
  }

  function subscribe(name: string, listener: (message: BusMessage) => void): Subscription {
    const lane = laneFor(name);
    const filter: Filter = lane.filters.get(name) ?? { listeners: new Set(), state: 'waiting' };
    const isNew = filter.listeners.size === 0;
    // A function of its own, so that two subscriptions with one listener are two.
    const own = (message: BusMessage) => {
      listener(message);
    };
    filter.listeners.add(own);
    lane.filters.set(name, filter);
    if (isNew && lane.client.connected) ask(lane, name);
    return {
      verify: () => {
        verifyFilter(filter, lane);
      },
      close: () => {
        filter.listeners.delete(own);
        if (filter.listeners.size > 0 || lane.filters.get(name) !== filter) return;
        lane.filters.delete(name);
        if (lane.client.connected) lane.client.unsubscribe(name);
      },
    };
  }

  /** One that could not be sent is not sent later: an actuator that moves minutes after it was told to is a danger. */
  function openTopic(topic: string): Outlet {
    const { client } = lanes[0] ?? openLane();
    const send = async (payload: Uint8Array) => {
      if (!client.connected) throw new DewproofError('BROKER_UNAVAILABLE', 'The broker beside this edge is away.');
      const sent = client.publishAsync(topic, Buffer.from(payload), { qos: 1 });
      await within(sent, SEND_WITHIN_MS);
    };
    return { send, close: () => undefined };
  }

  const close = async () => {
    await Promise.all(lanes.map(({ client }) => client.endAsync(true)));
  };
  const { host } = new URL(url);
  return { subscribe, openTopic, url: `${url.slice(0, url.indexOf(':'))}://${host}`, close };
}

async function within(sent: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new DewproofError('TIMEOUT', 'The broker beside this edge did not acknowledge a message; it may be sent.'),
      );
    }, timeoutMs);
  });
  try {
    await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
  }
}

function deliver({ filters }: Lane, message: BusMessage): void {
  for (const [name, { listeners }] of filters) {
    if (!filtersOverlap([name, message.topic])) continue;
    for (const listener of [...listeners]) listener(message);
  }
}

function isGranted(error: Error | null, granted: readonly { readonly qos: number }[] | undefined): boolean {
  return error === null && granted?.every(({ qos }) => qos < 128) === true;
}

function verifyFilter({ state }: Filter, { client }: Lane): void {
  if (state === 'active') return;
  const why =
    state === 'refused' ? 'refuses this subscription: permit it there' : 'does not answer: check that it runs';
  throw new DewproofError('BROKER_UNAVAILABLE', `The broker beside this edge ${why}.`, {
    details: { connected: client.connected },
  });
}
