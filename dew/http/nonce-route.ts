import type { RequestHandler } from 'express';
import { MAX_NONCE_BODY_BYTES, parseNonce } from '../../core/wire/witness-nonce.ts';
import { networkOf } from '../../platform/http/network-of.ts';
import { readBody } from '../../platform/http/read-body.ts';
import type { NonceBatches } from '../nonces/batch-nonces.ts';

/** What the route stands on. */
export interface NonceRouteDeps {
  readonly nonces: Pick<NonceBatches, 'join'>;
}

/** As often as a witness itself lets one address ask, and all together. */
export const NONCE_LIMITS = { perSecond: 5, burst: 50, totalPerSecond: 100, totalBurst: 500 };
const BODY_TIMEOUT_MS = 5_000;

/** `POST /v1/nonces`, to anyone, as witnesses do: their notes prove themselves. */
export function answerNonce({ nonces }: NonceRouteDeps): RequestHandler {
  return async (request, response) => {
    const body = await readBody(request, { maxBytes: MAX_NONCE_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS });
    const from = networkOf(request.socket.remoteAddress ?? '');
    const notes = await nonces.join({ nonce: parseNonce(body), from });
    response.set('Cache-Control', 'no-store').json(notes);
  };
}
