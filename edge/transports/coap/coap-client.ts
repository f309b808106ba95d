import { randomBytes, randomInt } from 'node:crypto';
import { DewproofError } from '../../../core/errors.ts';
import { openCoapSockets, type CreateSocket } from './coap-sockets.ts';
import type { Peer } from './coap-target.ts';
import { coapOptions, NO_BYTES, type CoapMessage, type CoapOption } from './coap-message.ts';
import { encodeMessage } from './encode-message.ts';
import { parseMessage } from './parse-message.ts';
import { retransmit } from './retransmit.ts';

/** One question; a token is given only where an answer continues an earlier one (RFC 7641 section 3.3.1). */
export interface CoapRequest {
  readonly peer: Peer;
  readonly code: number;
  readonly options: readonly CoapOption[];
  readonly payload?: Uint8Array;
  readonly token?: Uint8Array;
  /** For the whole exchange, retransmissions among it. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** What hears the notifications of one observation; `lost` hears that none can come any more. */
export interface Relation {
  readonly peer: Peer;
  readonly token: Uint8Array;
  readonly receive: (message: CoapMessage) => void;
  readonly lost: (error: DewproofError) => void;
}

/** The CoAP endpoint of a device, as a client: all its sensors and actuators share it. */
export interface CoapClient {
  /**
   * Asks with a confirmable message and returns the answer, of whatever code.
   * @throws TIMEOUT (no answer in time), SENSOR_UNAVAILABLE (refused, or the network takes nothing), `signal`'s reason
   */
  ask(request: CoapRequest): Promise<CoapMessage>;
  /** Hears what comes with this token, until the returned function is called. */
  listen(relation: Relation): () => void;
  /** A token that nobody can guess (RFC 7252 section 5.3.1). */
  createToken(): Uint8Array;
  /** Waits for `ask`s under way up to `graceMs` (default 300), so that what was deregistered is told. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

interface Exchange {
  readonly peer: Peer;
  readonly id: number;
  isAcknowledged: boolean;
  readonly answer: (message: CoapMessage) => void;
  readonly fail: (error: Error) => void;
  readonly stopSending: () => void;
}

const MAX_REMEMBERED_PEERS = 1024;
const understood: readonly number[] = [coapOptions.block1, coapOptions.block2];

/**
 * Opens the client's side of CoAP (RFC 7252). An answer counts only from the address and port that were asked, with
 * the token that was sent: the library `coap` compares neither address nor port, takes a reset from anybody, and
 * gathers blocks without bound, which is why it is not what speaks here.
 */
export function createCoapClient({ createSocket }: { readonly createSocket?: CreateSocket } = {}): CoapClient {
  const byToken = new Map<string, Exchange>();
  const byId = new Map<string, Exchange>();
  const relations = new Map<string, Relation>();
  const asked = new Set<string>();
  const running = new Set<Promise<unknown>>();
  let nextId = randomInt(65_536);
  let isClosed = false;

  const sockets = openCoapSockets({
    receive: (bytes, from) => {
      const message = parseMessage(bytes);
      if (message !== undefined) receive(message, from);
    },
    lost: (family, cause) => {
      // What was sent may have arrived; sent again from another port it would not be known for a copy.
      const error = new DewproofError('TIMEOUT', 'The socket of CoAP broke; it is opened anew.', { cause });
      for (const { peer, fail } of [...byToken.values()]) if (peer.family === family) fail(error);
      for (const { peer, lost } of [...relations.values()]) if (peer.family === family) lost(error);
    },
    ...(createSocket === undefined ? {} : { createSocket }),
  });

  function receive(message: CoapMessage, from: Peer): void {
    const exchange = byId.get(keyOf(from, String(message.id)));
    const isReply = message.type === 'ACK' || message.type === 'RST';
    if (message.code === 0) {
      if (exchange !== undefined && message.type === 'RST') exchange.fail(refused(from));
      if (exchange !== undefined && message.type === 'ACK') acknowledge(exchange);
      if (!isReply) reset(message, from);
      return;
    }
    if (message.code >> 5 < 2 || message.type === 'RST') {
      if (!isReply) reset(message, from);
      return;
    }
    receiveAnswer(message, from);
  }

  function receiveAnswer(message: CoapMessage, from: Peer): void {
    // What we do not understand and must (RFC 7252 section 5.4.1) can't be taken for an answer.
    if (message.options.some(({ number }) => isCritical(number) && !understood.includes(number))) {
      if (message.type === 'CON') reset(message, from);
      return;
    }
    const key = keyOf(from, tokenText(message.token));
    const [exchange, relation] = [byToken.get(key), relations.get(key)];
    if (message.type === 'ACK') {
      if (exchange?.id === message.id) exchange.answer(message);
      return;
    }
    if (exchange === undefined && relation === undefined) {
      reset(message, from);
      return;
    }
    if (message.type === 'CON') reply({ type: 'ACK', id: message.id }, from);
    // While an observation is renewed, what was not acknowledged yet may be an older notification on its way.
    if (exchange !== undefined && (relation === undefined || exchange.isAcknowledged)) exchange.answer(message);
    else relation?.receive(message);
  }

  /** Tells who was asked before that nobody waits for this (section 4.2); strangers get nothing out of us. */
  function reset(message: CoapMessage, to: Peer): void {
    if (asked.has(keyOf(to, ''))) reply({ type: 'RST', id: message.id }, to);
  }

  function reply(head: Pick<CoapMessage, 'type' | 'id'>, to: Peer): void {
    const bytes = encodeMessage({ ...head, code: 0, token: NO_BYTES, options: [], payload: NO_BYTES });
    // One that is not sent is asked for again by a retransmission.
    sockets.send(bytes, { to, done: () => undefined });
  }

  function takeId(peer: Peer): number {
    do nextId = (nextId + 1) % 65_536;
    while (byId.has(keyOf(peer, String(nextId))));
    return nextId;
  }

  function remember(peer: Peer): void {
    asked.add(keyOf(peer, ''));
    const [oldest] = asked;
    if (asked.size > MAX_REMEMBERED_PEERS && oldest !== undefined) asked.delete(oldest);
  }

  async function exchangeOf(request: CoapRequest): Promise<CoapMessage> {
    const { peer, code, options, payload = NO_BYTES, token = createToken(), deadlineMs, signal } = request;
    signal?.throwIfAborted();
    if (isClosed) throw stopping();
    remember(peer);
    const id = takeId(peer);
    const bytes = encodeMessage({ type: 'CON', code, id, token, options, payload });
    const keys = { token: keyOf(peer, tokenText(token)), id: keyOf(peer, String(id)) };
    const { promise, resolve, reject } = Promise.withResolvers<CoapMessage>();
    const stopSending = retransmit((copies) => {
      sockets.send(bytes, {
        to: peer,
        done: (cause) => {
          // An earlier copy may have arrived, so that its answer is still waited for.
          if (cause !== null && copies === 0) reject(unsent(peer, cause));
        },
      });
    });
    const exchange = { peer, id, isAcknowledged: false, answer: resolve, fail: reject, stopSending };
    byToken.set(keys.token, exchange);
    byId.set(keys.id, exchange);
    const timer = setTimeout(() => {
      reject(new DewproofError('TIMEOUT', `${peerText(peer)} did not answer within ${deadlineMs} ms.`));
    }, deadlineMs);
    const abort = () => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      stopSending();
      signal?.removeEventListener('abort', abort);
      if (byToken.get(keys.token) === exchange) byToken.delete(keys.token);
      byId.delete(keys.id);
    }
  }

  return {
    ask: async (request) => {
      const exchange = exchangeOf(request);
      running.add(exchange);
      try {
        return await exchange;
      } finally {
        running.delete(exchange);
      }
    },
    createToken,
    listen: (relation) => {
      const key = keyOf(relation.peer, tokenText(relation.token));
      relations.set(key, relation);
      return () => {
        if (relations.get(key) === relation) relations.delete(key);
      };
    },
    close: async ({ graceMs = 300 } = {}) => {
      isClosed = true;
      const timer = setTimeout(() => {
        for (const { fail } of [...byToken.values()]) fail(stopping());
      }, graceMs);
      await Promise.allSettled([...running]);
      clearTimeout(timer);
      await sockets.close();
    },
  };
}

function isCritical(number: number): boolean {
  return number % 2 === 1;
}

function acknowledge(exchange: Exchange): void {
  exchange.isAcknowledged = true;
  exchange.stopSending();
}

function createToken(): Uint8Array {
  return randomBytes(8);
}

function keyOf({ address, port }: Peer, rest: string): string {
  return `${address} ${port} ${rest}`;
}

function tokenText(token: Uint8Array): string {
  return Buffer.from(token).toString('hex');
}

function peerText({ address, port, family }: Peer): string {
  return family === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function stopping(): DewproofError {
  return new DewproofError('TIMEOUT', 'The device stops: ask again once it runs.');
}

function refused(peer: Peer): DewproofError {
  return new DewproofError('SENSOR_UNAVAILABLE', `${peerText(peer)} refuses to talk: check that it speaks CoAP.`);
}

function unsent(peer: Peer, cause: Error): DewproofError {
  return new DewproofError('SENSOR_UNAVAILABLE', `Nothing can be sent to ${peerText(peer)}: check the network.`, {
    cause,
  });
}
