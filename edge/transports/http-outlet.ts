import type { Agent } from 'undici';
import type { ActionSpec } from '../../core/document/schema.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import type { Outlet } from '../bus/bus.ts';
import { mediaTypes } from './media-types.ts';
import { sendInOrder } from './send-in-order.ts';

/** An action over HTTP. */
export type HttpAction = Extract<ActionSpec, { readonly http: unknown }>;

const MAX_ANSWER_BYTES = 16_384;
const MIN_BYTES_PER_SECOND = 1024;

// What fails before a connection stands; anything later may have reached the actuator.
const UNCONNECTED: readonly unknown[] = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
];

/**
 * Opens the way to an actuator over HTTP. A 2xx answer is success; nothing is sent twice, and redirects are not
 * followed.
 */
export function openHttpOutlet(
  { http, payload: { format } }: HttpAction,
  { agent, ...limits }: { readonly agent: Agent; readonly withinMs?: number },
): Outlet {
  const { uri, method } = http;
  return sendInOrder(async (body, { deadlineMs }) => {
    const answer = fetchCapped(uri, {
      method,
      headers: { 'content-type': mediaTypes[format].http },
      body,
      maxBytes: MAX_ANSWER_BYTES,
      minBytesPerSecond: MIN_BYTES_PER_SECOND,
      totalMs: deadlineMs,
      unavailable: 'ACTUATOR_FAILED',
      dispatcher: agent,
    });
    const { status } = await answer.catch((error: unknown) => {
      throw unanswered(error);
    });
    if (status >= 200 && status <= 299) return;
    throw new DewproofError('ACTUATOR_FAILED', `The actuator answers ${status}: see what it expects.`, {
      details: { answer: status },
    });
  }, limits);
}

function unanswered(error: unknown): unknown {
  if (!hasCode(error)) return error;
  if (error.code === 'ACTUATOR_FAILED' && UNCONNECTED.includes(codeOf(error.cause))) return error;
  return new DewproofError('TIMEOUT', 'The actuator gave no whole answer; it may have acted. Look before repeating.', {
    cause: error,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
