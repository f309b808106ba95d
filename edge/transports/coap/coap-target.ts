import { BlockList, isIP, SocketAddress } from 'node:net';
import { DewproofError } from '../../../core/errors.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import { lookupOnce } from '../lookup-once.ts';
import { coapOptions, type CoapOption } from './coap-message.ts';

/** What a CoAP URI names: a host to look up, a port, and the options that say which resource there. */
export interface CoapTarget {
  readonly uri: string;
  readonly host: string;
  readonly port: number;
  readonly options: readonly CoapOption[];
}

/** One endpoint: what a datagram is sent to, and what it must come from to count. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  readonly family: 'ipv4' | 'ipv6';
}

const DEFAULT_PORT = 5683;

// One question to a group would be answered by anybody (RFC 7252 section 8); nobody lives at 0.0.0.0.
const groups = new BlockList();
groups.addSubnet('224.0.0.0', 4, 'ipv4');
groups.addSubnet('ff00::', 8, 'ipv6');
groups.addAddress('255.255.255.255', 'ipv4');
groups.addSubnet('0.0.0.0', 8, 'ipv4');
groups.addAddress('::', 'ipv6');

/**
 * Takes a `coap:` URI apart (RFC 7252 section 6.4).
 * @throws UNSUPPORTED (`coaps:`: there is no DTLS here), SCHEMA (percent signs that encode nothing)
 */
export function parseCoapTarget(uri: string): CoapTarget {
  const { protocol, hostname, port, pathname, search } = new URL(uri);
  if (protocol !== 'coap:') {
    throw new DewproofError('UNSUPPORTED', `This device speaks no DTLS, which ${uri} needs; use coap: or https:.`);
  }
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const path = pathname === '' || pathname === '/' ? [] : pathname.slice(1).split('/');
  const query = search === '' ? [] : search.slice(1).split('&');
  const options = [
    ...(isIP(host) === 0 ? [textOption(coapOptions.uriHost, { text: host, uri })] : []),
    ...path.map((text) => textOption(coapOptions.uriPath, { text, uri })),
    ...query.map((text) => textOption(coapOptions.uriQuery, { text, uri })),
  ];
  return { uri, host, port: Number(port || DEFAULT_PORT), options };
}

function textOption(number: number, { text, uri }: { text: string; uri: string }): CoapOption {
  try {
    const value = Buffer.from(decodeURIComponent(text));
    if (value.length <= 255) return { number, value };
  } catch (cause) {
    throw new DewproofError('SCHEMA', `${uri} has a percent sign that encodes nothing; correct it.`, { cause });
  }
  throw new DewproofError('SCHEMA', `${uri} has a part of more than 255 bytes, which CoAP can not ask for.`);
}

/**
 * Looks a target's host up; an address of a group is refused here too, since a name or an odd spelling can hide one.
 * @throws SENSOR_UNAVAILABLE (no such host, or `signal` aborts), UNSUPPORTED (a group's address)
 */
export async function findPeer({ host, port }: CoapTarget, signal: AbortSignal): Promise<Peer> {
  const unknown = (cause?: unknown) =>
    new DewproofError('SENSOR_UNAVAILABLE', `No address is known for ${host}: check the name.`, { cause });
  const [found] = await untilAborted(lookupOnce(host), signal).catch((cause: unknown) => {
    throw unknown(cause);
  });
  if (found === undefined) throw unknown();
  const family = found.family === 6 ? 'ipv6' : 'ipv4';
  if (groups.check(found.address, family)) {
    throw new DewproofError('UNSUPPORTED', `${host} is the address of a group; name one sensor or actuator.`);
  }
  // As the kernel will spell it where a datagram comes from.
  return { address: new SocketAddress({ address: found.address, family }).address, port, family };
}
