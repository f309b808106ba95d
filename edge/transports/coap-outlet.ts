import type { ActionSpec } from '../../core/document/schema.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Outlet } from '../bus/bus.ts';
import type { CoapClient } from './coap/coap-client.ts';
import { codeText, coapCodes, coapOptions, uintOption } from './coap/coap-message.ts';
import { findPeer, parseCoapTarget } from './coap/coap-target.ts';
import { mediaTypes } from './media-types.ts';
import { sendInOrder } from './send-in-order.ts';

/** An action over CoAP. */
export type CoapAction = Extract<ActionSpec, { readonly coap: unknown }>;

// RFC 7252 section 4.6: what fits a datagram of which nothing is known.
const MAX_PAYLOAD_BYTES = 1024;

/**
 * Opens the way to an actuator over CoAP: a confirmable message, repeated under one message id until it is
 * acknowledged, by which the actuator knows copies (RFC 7252 section 4.2). A 2.xx answer is success.
 * @throws UNSUPPORTED (`coaps:`), SCHEMA (the URI)
 */
export function openCoapOutlet(
  { coap, payload: { format } }: CoapAction,
  { client, ...limits }: { readonly client: CoapClient; readonly withinMs?: number },
): Outlet {
  const target = parseCoapTarget(coap.uri);
  const options = [...target.options, uintOption(coapOptions.contentFormat, { value: mediaTypes[format].coap })];
  return sendInOrder(async (payload, { deadlineMs }) => {
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new DewproofError('UNSUPPORTED', `A CoAP action sends at most ${MAX_PAYLOAD_BYTES} bytes; send less.`);
    }
    const answer = await ask({ payload, deadlineMs });
    if (answer.code >> 5 === 2) return;
    throw new DewproofError('ACTUATOR_FAILED', `The actuator answers ${codeText(answer.code)}: see what it expects.`, {
      details: { answer: codeText(answer.code) },
    });
  }, limits);

  async function ask({ payload, deadlineMs }: { payload: Uint8Array; deadlineMs: number }) {
    try {
      const startedMs = performance.now();
      const peer = await findPeer(target, AbortSignal.timeout(deadlineMs));
      const leftMs = deadlineMs - (performance.now() - startedMs);
      return await client.ask({ peer, payload, code: coapCodes[coap.method], options, deadlineMs: leftMs });
    } catch (error) {
      throw failure(error);
    }
  }
}

function failure(error: unknown): unknown {
  if (hasCode(error, 'TIMEOUT')) {
    return new DewproofError('TIMEOUT', 'The actuator did not answer; it may have acted. Look before repeating.', {
      cause: error,
    });
  }
  if (!hasCode(error, 'SENSOR_UNAVAILABLE')) return error;
  return new DewproofError('ACTUATOR_FAILED', error.message, { cause: error });
}
