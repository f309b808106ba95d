import { createSocket as createUdpSocket, type Socket } from 'node:dgram';
import type { Peer } from './coap-target.ts';

/** Makes a socket that is not bound yet; as `createSocket` of node:dgram does. */
export type CreateSocket = typeof createUdpSocket;

/** Sends datagrams and receives them. */
export interface CoapSockets {
  /** `done` hears of an error at once where the network takes nothing. */
  send(bytes: Uint8Array, options: { readonly to: Peer; readonly done: (error: Error | null) => void }): void;
  close(): Promise<void>;
}

/** What becomes of what arrives; `lost` hears that a socket broke: what was asked over it has no answer. */
export interface SocketEvents {
  readonly receive: (bytes: Uint8Array, from: Peer) => void;
  readonly lost: (family: Peer['family'], error: Error) => void;
  readonly createSocket?: CreateSocket;
}

/**
 * One UDP socket for each of IPv4 and IPv6, however many sensors there are; opened when first needed, on a port that
 * the kernel picks (RFC 7252 section 11.4), and replaced by the next one where it broke.
 */
export function openCoapSockets({ receive, lost, createSocket = createUdpSocket }: SocketEvents): CoapSockets {
  const sockets = new Map<Peer['family'], Socket>();

  function open(family: Peer['family']): Socket {
    const socket = createSocket({
      type: family === 'ipv4' ? 'udp4' : 'udp6',
      // Peers are addresses already: nothing is looked up for each datagram, and sending does not wait for a thread.
      lookup: (address, _, answer) => {
        answer(null, address, family === 'ipv4' ? 4 : 6);
      },
    });
    sockets.set(family, socket);
    socket.on('message', (bytes, { address, port }) => {
      receive(bytes, { address, port, family });
    });
    socket.on('error', (error) => {
      if (sockets.get(family) !== socket) return;
      sockets.delete(family);
      socket.close();
      lost(family, error);
    });
    socket.bind(0);
    return socket;
  }

  return {
    send: (bytes, { to, done }) => {
      const socket = sockets.get(to.family) ?? open(to.family);
      socket.send(bytes, to.port, to.address, done);
    },
    close: async () => {
      const open = [...sockets.values()];
      sockets.clear();
      await Promise.all(
        open.map(async (socket) => {
          const { promise, resolve } = Promise.withResolvers<undefined>();
          socket.close(() => {
            resolve(undefined);
          });
          await promise;
        }),
      );
    },
  };
}
