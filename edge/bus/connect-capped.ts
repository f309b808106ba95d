import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MqttClient, type IClientOptions } from 'mqtt';
import { DewproofError } from '../../core/errors.ts';
import { limitPackets } from '../../platform/mqtt/limit-packets.ts';

const CONNECT_WITHIN_MS = 10_000;

/** Which broker (`mqtt:` or `mqtts:`), how much of it to bear with, and how soon to come back to it. */
export interface CappedConnection {
  readonly url: string;
  readonly maxPacketBytes: number;
  readonly reconnectEveryMs: number;
}

/**
 * Connects to a broker that may be hostile: the client's own parser would buffer 256 MiB of one packet. Nothing of a
 * session is kept by the broker, so nothing old is handed over later with a wrong time.
 * @throws CONFIG (no broker's address)
 */
export function connectCapped({ url, maxPacketBytes, reconnectEveryMs }: CappedConnection): MqttClient {
  const { protocol, hostname, port, username, password } = parseUrl(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isTls = protocol === 'mqtts:';
  const open = () =>
    isTls
      ? connectTls({ host, port: Number(port || 8883), servername: host })
      : connectTcp({ host, port: Number(port || 1883) });
  const options: IClientOptions = {
    clean: true,
    resubscribe: false,
    protocolVersion: 4,
    reconnectPeriod: reconnectEveryMs,
    connectTimeout: CONNECT_WITHIN_MS,
    ...(username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
  };
  return new MqttClient(() => capped(open(), maxPacketBytes), options);
}

/** Watches what comes in, and cuts the socket before the client's own parser has buffered much of a large packet. */
function capped(socket: Socket, maxPacketBytes: number): Socket {
  const limiter = limitPackets(maxPacketBytes);
  limiter.on('error', () => socket.destroy()).resume();
  return socket.on('data', (chunk) => limiter.write(chunk));
}

function parseUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed !== null && ['mqtt:', 'mqtts:'].includes(parsed.protocol) && parsed.hostname !== '') return parsed;
  throw new DewproofError('CONFIG', `${url} is no broker's address; write mqtt://host:port.`);
}
