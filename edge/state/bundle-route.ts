import type { RequestListener } from 'node:http';
import { DewproofError } from '../../core/errors.ts';
import type { HotRoute } from '../../platform/http/in-front.ts';
import { isFresh } from '../../platform/http/is-fresh.ts';
import { sendProblem } from '../../platform/http/send-problem.ts';
import type { BelievedState } from './state-keeper.ts';

/** Where an edge serves the newest bundle that it believes. */
export const EDGE_BUNDLE_PATH = '/v1/bundle';

/**
 * Answers other edges of the group, which check what they get for themselves, so that nobody signs for it: a bundle
 * holds hashes, accounts and what policies permit.
 */
export function bundleRoute(newest: () => BelievedState | undefined): HotRoute {
  const answer = answerBundle(newest);
  return (request, response) => {
    if (request.method !== 'GET' || request.url !== EDGE_BUNDLE_PATH) return false;
    answer(request, response);
    return true;
  };
}

/** The same behind express, for whoever asks in another form (HEAD, a query), and so that it is described. */
export function answerBundle(newest: () => BelievedState | undefined): RequestListener {
  return (request, response) => {
    const believed = newest();
    if (believed === undefined) {
      const error = new DewproofError('LEDGER_UNAVAILABLE', 'This edge believes no bundle yet: ask another one.');
      sendProblem(response, error);
      return;
    }
    const { bundle, digest } = believed;
    const etag = `"${digest.slice('sha256:'.length)}"`;
    const headers = { etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
    if (isFresh(request, etag)) response.writeHead(304, headers).end();
    else
      response
        .writeHead(200, { ...headers, 'content-type': 'application/cbor', 'content-length': bundle.length })
        .end(bundle);
  };
}
