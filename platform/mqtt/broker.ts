import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Duplex, pipeline } from 'node:stream';
import { Aedes, type AedesOptions, type Client } from 'aedes';
import { listenError } from '../http/listen.ts';
import type { Log } from '../log.ts';
import { limitPackets } from './limit-packets.ts';

const MAX_SUBSCRIPTIONS = 100;

/** A message as a subscriber of this process sees it. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Where to listen, and who may do what; whatever is not allowed here is refused. */
export interface BrokerOptions {
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Default: everyone may connect, and do nothing. */
  readonly authenticate?: (client: {
    readonly clientId: string;
    readonly username: string | undefined;
    readonly password: Uint8Array | undefined;
  }) => boolean | Promise<boolean>;
  /** Default: nobody. */
  readonly authorizePublish?: (message: BrokerMessage & { readonly clientId: string }) => boolean;
  /** Default: nobody. `topic` is a filter, with `+` and `#` as the client sent them. */
  readonly authorizeSubscribe?: (subscription: { readonly clientId: string; readonly topic: string }) => boolean;
  /**
   * Takes each message that may be published. One that `mustKeep` (QoS 1 and 2) is acknowledged only once this has
   * resolved; where it rejects, the sender is cut off unacknowledged, and sends it again (MQTT 3.1.1 section 4.4).
   */
  readonly receive?: (message: BrokerMessage, how: { readonly mustKeep: boolean }) => Promise<void>;
  /** Default 65,536. */
  readonly maxPacketBytes?: number;
  /** Default 256. */
  readonly maxConnections?: number;
  readonly log: Log;
}

/** A running MQTT 3.1.1 broker. */
export interface Broker {
  /** `mqtt://<host>:<port>`. */
  readonly url: string;
  readonly port: number;
  /** Sends to every subscriber, at most once; `retain` keeps it for those to come. */
  publish(message: BrokerMessage & { readonly retain?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a broker over TCP. Nothing is kept for a client that is gone, whatever session it asked for: durability
 * belongs in an outbox of our own, and a stranger must not fill our memory by subscribing and leaving.
 * @throws PORT_IN_USE, CONFIG
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const aedes = await Aedes.createBroker(aedesOptions(options));
  // Without a listener an `error` event would end the process.
  aedes.on('error' as 'closed', (error?: Error) => {
    options.log.error({ error }, 'The broker failed inside');
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    accept(socket, { aedes, maxPacketBytes: options.maxPacketBytes ?? 65_536, log: options.log });
  });
  server.maxConnections = options.maxConnections ?? 256;
  try {
    await listenOn(server, options);
  } catch (error) {
    await closeAedes(aedes);
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
  return {
    url: `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    publish: (message) => publish(aedes, message),
    close: () => close(aedes, { server, sockets }),
  };
}

function aedesOptions(options: BrokerOptions): AedesOptions {
  const { authenticate = () => true, authorizePublish = () => false, authorizeSubscribe = () => false } = options;
  const { receive = () => Promise.resolve() } = options;
  const subscribed = new WeakMap<Client, Set<string>>();
  return {
    connectTimeout: 10_000,
    // A subscriber that reads nothing holds up everyone's messages for this long, then is cut.
    drainTimeout: 5000,
    keepaliveLimit: 1200,
    maxInflightInbound: 20,
    preConnect: (_client, packet, done) => {
      packet.clean = true;
      done(null, true);
    },
    authenticate: (client, username, password, done) => {
      const asked = Promise.resolve(authenticate({ clientId: client.id, username, password }));
      asked.then(
        (allowed) => {
          done(null, allowed);
        },
        (error: unknown) => {
          options.log.error({ error }, 'Authentication of an MQTT client failed');
          done(null, false);
        },
      );
    },
    authorizePublish: (client, packet, done) => {
      const message = { clientId: client?.id ?? '', topic: packet.topic, payload: Buffer.from(packet.payload) };
      const allowed = client !== null && !packet.topic.startsWith('$') && authorizePublish(message);
      // Retained messages have no owner and no end: only this process leaves them.
      packet.retain = false;
      if (!allowed) {
        done(new Error('publishing there is not allowed'));
        return;
      }
      const mustKeep = packet.qos > 0;
      receive(message, { mustKeep }).then(
        () => {
          done(null);
        },
        (error: unknown) => {
          options.log.warn({ error, topic: packet.topic }, 'A message could not be kept');
          done(mustKeep ? new Error('the message could not be kept') : null);
        },
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      const { topic } = subscription;
      const topics = subscribed.get(client) ?? new Set();
      const room = topics.has(topic) || topics.size < MAX_SUBSCRIPTIONS;
      const allowed = room && !topic.startsWith('$') && authorizeSubscribe({ clientId: client.id, topic });
      if (allowed) subscribed.set(client, topics.add(topic));
      done(null, allowed ? subscription : null);
    },
  };
}

function accept(socket: Socket, { aedes, maxPacketBytes, log }: { aedes: Aedes; maxPacketBytes: number; log: Log }) {
  const guarded = pipeline(socket, limitPackets(maxPacketBytes), (error) => {
    if (error) log.debug({ error }, 'An MQTT connection ended');
    socket.destroy();
  });
  aedes.handle(Duplex.from({ readable: guarded, writable: socket }));
}

async function listenOn(server: Server, options: BrokerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(listenError(error, options));
    });
    server.listen(options.port, options.host, resolve);
  });
}

async function publish(aedes: Aedes, { topic, payload, retain = false }: BrokerMessage & { retain?: boolean }) {
  await new Promise<void>((resolve, reject) => {
    const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain, dup: false } as const;
    aedes.publish(packet, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function closeAedes(aedes: Aedes): Promise<void> {
  await new Promise<void>((resolve) => {
    aedes.close(resolve);
  });
}

async function close(aedes: Aedes, { server, sockets }: { server: Server; sockets: Set<Socket> }): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  await closeAedes(aedes);
  // Those that never said who they are, aedes does not know.
  for (const socket of sockets) socket.destroy();
  await stopped;
}
