import { lookup } from 'node:dns/promises';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { Agent } from 'undici';
import type { VirtualResource } from '../../core/document/schema.ts';
import { DewproofError, hasCode, type ErrorCode } from '../../core/errors.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { verifyOutboundHeaders } from './outbound-headers.ts';
import { isPublicAddress } from './public-address.ts';
import type { OutboundRequest, OutboundResponse } from './reach.ts';
import { verifyOutbound } from './verify-outbound.ts';

const MAX_IN_FLIGHT = 4;
const MAX_REQUEST_BYTES = 65_536;
const MAX_RESPONSE_BYTES = 131_072;
const MAX_HEADER_BYTES = 16_384;
const TOTAL_MS = 10_000;
const MIN_BYTES_PER_SECOND = 256;

/** How the world outside is reached; tests put their own in. */
export interface OutboundDeps {
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
  readonly isPublic?: (address: string) => boolean;
  readonly totalMs?: number;
}

/** Calls what documents name. */
export interface Outbound {
  /**
   * Asks one of the addresses that a resource's document names; redirects are answers, never followed.
   * @throws FORBIDDEN, SCHEMA (headers, a body), ENDLESS_DATA, SLOW_RETRIEVAL, TIMEOUT, UNHEALTHY (no answer, too many at once)
   */
  fetch(resource: VirtualResource, request: OutboundRequest): Promise<OutboundResponse>;
  close(): Promise<void>;
}

/**
 * Opens the way out. A name is resolved when a connection is made, and the connection goes to the very address that was
 * checked: a name that leads to a private address is refused, whatever it led to before (DNS rebinding). An address
 * that a document names as such was approved as such.
 */
export function createOutbound({
  resolve = resolveAll,
  isPublic = isPublicAddress,
  totalMs = TOTAL_MS,
}: OutboundDeps = {}): Outbound {
  const inFlight = new Map<string, number>();
  const dispatcher = new Agent({
    maxHeaderSize: MAX_HEADER_BYTES,
    connectTimeout: totalMs,
    keepAliveMaxTimeout: 10_000,
    connect: { lookup: lookUp },
  });

  function lookUp(hostname: string, options: LookupOptions, callback: LookupCallback): void {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isPublic(address))) {
          callback(forbidden(hostname), options.all === true ? [] : '', 4);
        } else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(error as Error, options.all === true ? [] : '', 4);
      },
    );
  }

  async function send(resource: VirtualResource, request: OutboundRequest): Promise<OutboundResponse> {
    const url = verifyOutbound(request.url, resource.spec);
    const headers = verifyOutboundHeaders(request.headers);
    const body = bodyOf(request);
    const response = await fetchCapped(url.href, {
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body }),
      maxBytes: MAX_RESPONSE_BYTES,
      minBytesPerSecond: MIN_BYTES_PER_SECOND,
      totalMs,
      unavailable: 'UNHEALTHY',
      dispatcher,
    }).catch((error: unknown) => {
      throw outboundError(error);
    });
    return { ...response, body: new TextDecoder().decode(response.body) };
  }

  return {
    fetch: async (resource, request) => {
      const { tenant, name } = resource.metadata;
      const key = `${tenant}/${name}`;
      const others = inFlight.get(key) ?? 0;
      if (others >= MAX_IN_FLIGHT) {
        throw new DewproofError(
          'UNHEALTHY',
          `A resource waits for at most ${MAX_IN_FLIGHT} answers at once; try later.`,
        );
      }
      inFlight.set(key, others + 1);
      try {
        return await send(resource, request);
      } finally {
        const left = (inFlight.get(key) ?? 1) - 1;
        if (left === 0) inFlight.delete(key);
        else inFlight.set(key, left);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

function resolveAll(hostname: string): Promise<LookupAddress[]> {
  return lookup(hostname, { all: true });
}

function bodyOf({ method, body }: OutboundRequest): Uint8Array | undefined {
  if (body === undefined) return undefined;
  if (method === 'GET') throw new DewproofError('SCHEMA', 'A GET has no body; use POST.');
  const bytes = Buffer.from(body);
  if (bytes.length <= MAX_REQUEST_BYTES) return bytes;
  throw new DewproofError('ENDLESS_DATA', `A request has at most ${MAX_REQUEST_BYTES} bytes; send less.`);
}

// The library's own timers run beside ours, and may be first.
const codeOfTimeout: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'SLOW_RETRIEVAL',
  // Our deadline, before anything was answered.
  SLOW_RETRIEVAL: 'TIMEOUT',
};

/** Our own refusals, however deep the library put them; a deadline says that it was one. */
function outboundError(error: unknown): unknown {
  if (!hasCode(error, 'UNHEALTHY')) return error;
  for (let at = error.cause; at instanceof Error; at = at.cause) {
    if (hasCode(at, 'FORBIDDEN')) return at;
    const code = 'code' in at ? codeOfTimeout[String(at.code)] : undefined;
    if (code !== undefined) return new DewproofError(code, 'The address was too slow; try later.', { cause: error });
  }
  return error;
}

function forbidden(hostname: string): DewproofError {
  return new DewproofError(
    'FORBIDDEN',
    `${hostname} leads to an address that is not public; name the address itself in the document.`,
  );
}
