import { DewproofError } from '../../../core/errors.ts';
import type { CoapClient } from './coap-client.ts';
import { coapCodes, coapOptions, uintOf, uintOption, type CoapMessage, type CoapOption } from './coap-message.ts';
import { isNewer, type Notified } from './is-newer.ts';
import type { Peer } from './coap-target.ts';

/** What is observed, and who hears of it. */
export interface Observed {
  readonly options: readonly CoapOption[];
  /** A newer notification: never one that was overtaken, nor a copy. */
  readonly notify: (message: CoapMessage, peer: Peer) => void;
  /** The observation ended otherwise than by us. */
  readonly lost: (error: DewproofError) => void;
}

/** An observation of one resource (RFC 7641). */
export interface Observation {
  /** Registers, or registers again with the same token, and returns the answer. @throws as `ask` does */
  renew(options: {
    readonly peer: Peer;
    readonly deadlineMs: number;
    readonly signal: AbortSignal;
  }): Promise<CoapMessage>;
  /** Deregisters where it is registered; whoever does not hear this gets a reset for the next notification. */
  close(): void;
}

const DEREGISTER_WITHIN_MS = 5000;

/** Prepares to observe; nothing is sent before `renew`. */
export function createObservation(observed: Observed, client: CoapClient): Observation {
  let relation: { peer: Peer; token: Uint8Array; stop: () => void } | undefined;
  let newest: Notified | undefined;

  function receive(message: CoapMessage, peer: Peer): void {
    const sequence = uintOf(message.options, coapOptions.observe);
    // An error, or an answer without the option, is the last notification (sections 3.2 and 4.2).
    if (message.code !== coapCodes.CONTENT || sequence === undefined) {
      forget();
      observed.lost(new DewproofError('SENSOR_UNAVAILABLE', 'The sensor ended the observation; it is begun anew.'));
      return;
    }
    const next = { sequence, atMs: performance.now() };
    if (newest !== undefined && !isNewer(next, newest)) return;
    newest = next;
    observed.notify(message, peer);
  }

  function forget(): void {
    relation?.stop();
    relation = undefined;
    newest = undefined;
  }

  function begin({ peer, token }: { peer: Peer; token: Uint8Array }) {
    const lost = (error: DewproofError) => {
      forget();
      observed.lost(error);
    };
    const receiveFrom = (message: CoapMessage) => {
      receive(message, peer);
    };
    return { peer, token, stop: client.listen({ peer, token, receive: receiveFrom, lost }) };
  }

  async function renew({ peer, deadlineMs, signal }: Parameters<Observation['renew']>[0]): Promise<CoapMessage> {
    if (relation !== undefined && !isSame(relation.peer, peer)) forget();
    const token = relation?.token ?? client.createToken();
    const options = [...observed.options, uintOption(coapOptions.observe, { value: 0 })];
    const answer = await client.ask({ peer, code: coapCodes.GET, options, token, deadlineMs, signal });
    const sequence = uintOf(answer.options, coapOptions.observe);
    if (answer.code !== coapCodes.CONTENT || sequence === undefined) {
      forget();
      return answer;
    }
    // The answer to a registration is newer than all before it: a server that was restarted counts from anywhere.
    newest = { sequence, atMs: performance.now() };
    relation ??= begin({ peer, token });
    return answer;
  }

  function close(): void {
    const last = relation;
    forget();
    if (last === undefined) return;
    const options = [...observed.options, uintOption(coapOptions.observe, { value: 1 })];
    const { peer, token } = last;
    const told = client.ask({ peer, code: coapCodes.GET, options, token, deadlineMs: DEREGISTER_WITHIN_MS });
    // One that is away needs not be told; one that comes back hears a reset.
    told.catch(() => undefined);
  }

  return { renew, close };
}

function isSame(one: Peer, other: Peer): boolean {
  return one.address === other.address && one.port === other.port;
}
