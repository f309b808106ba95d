import { durationMs } from '../../core/document/duration.ts';
import type { Input } from '../../core/document/schema.ts';
import { codedError } from '../coded-error.ts';
import type { Subscription } from '../bus/bus.ts';
import type { CoapClient } from './coap/coap-client.ts';
import { coapCodes, coapOptions, uintOption, type CoapMessage, type CoapOption } from './coap/coap-message.ts';
import { findPeer, parseCoapTarget, type Peer } from './coap/coap-target.ts';
import { collectContent } from './coap/collect-content.ts';
import { createObservation } from './coap/observe.ts';
import { mediaTypes } from './media-types.ts';
import { startPolling, type Poller } from './poll.ts';

/** An input that is asked for, or observed, over CoAP. */
export type CoapInput = Extract<Input, { readonly coap: unknown }>;

interface Within {
  readonly peer: Peer;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const NOTIFIED_WITHIN_MS = 10_000;

/**
 * Asks a sensor over CoAP at the document's interval, or observes it and renews the observation at that interval. Each
 * answer is one reading, renewals among them; a sensor that can't be observed is asked at the interval instead.
 * @throws UNSUPPORTED (`coaps:`), SCHEMA (the URI)
 */
export function openCoapSource(
  input: CoapInput,
  { client, deliver }: { readonly client: CoapClient; readonly deliver: (message: Uint8Array) => void },
): Subscription {
  const { uri, observe, every } = input.coap;
  const target = parseCoapTarget(uri);
  const options = [...target.options, ...acceptOf(input)];
  const ended = new AbortController();
  let collecting = new AbortController();

  /** Delivers what an answer holds, unless a newer one was heard while its blocks were fetched. */
  async function take(answer: CoapMessage, { peer, signal, deadlineMs }: Within): Promise<void> {
    // One at a time: a sensor that notifies without end must not have us ask for blocks without end.
    collecting.abort();
    const own = new AbortController();
    collecting = own;
    const untilMs = performance.now() + deadlineMs;
    const either = AbortSignal.any([signal, ended.signal, own.signal]);
    const askBlock = (block: CoapOption) => {
      const leftMs = Math.max(0, untilMs - performance.now());
      return client.ask({
        peer,
        code: coapCodes.GET,
        options: [...options, block],
        deadlineMs: leftMs,
        signal: either,
      });
    };
    try {
      const content = await collectContent(answer, askBlock);
      if (!either.aborted) deliver(content);
    } catch (error) {
      if (!own.signal.aborted) throw error;
    }
  }

  const observation = createObservation(
    {
      options,
      notify: (message, peer) => {
        const within = { peer, signal: ended.signal, deadlineMs: NOTIFIED_WITHIN_MS };
        take(message, within).catch((error: unknown) => {
          if (!ended.signal.aborted) poller.fail(codedError(error, { code: 'INTERNAL', what: `Observing ${uri}` }));
        });
      },
      lost: (error) => {
        poller.fail(error);
      },
    },
    client,
  );

  async function ask({ signal, deadlineMs }: { signal: AbortSignal; deadlineMs: number }): Promise<void> {
    const startedMs = performance.now();
    const within = {
      peer: await findPeer(target, AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])),
      deadlineMs,
      signal,
    };
    const answer = observe
      ? await observation.renew(within)
      : await client.ask({ ...within, code: coapCodes.GET, options });
    await take(answer, { ...within, deadlineMs: deadlineMs - (performance.now() - startedMs) });
  }

  const poller: Poller = startPolling({ whom: `GET ${uri}`, everyMs: durationMs(every), ask });
  return {
    verify: () => {
      poller.verify();
    },
    counts: poller.counts,
    close: () => {
      ended.abort();
      poller.close();
      observation.close();
    },
  };
}

/** Servers that offer one form only need not be told which; some know no `Accept` at all, which is critical. */
function acceptOf({ payload: { format } }: CoapInput): CoapOption[] {
  const value = mediaTypes[format].coap;
  return value === 0 ? [] : [uintOption(coapOptions.accept, { value })];
}
