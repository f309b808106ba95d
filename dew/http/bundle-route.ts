import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode, type ErrorCode } from '../../core/errors.ts';
import type { HotRoute } from '../../platform/http/in-front.ts';
import { networkOf } from '../../platform/http/network-of.ts';
import { isFresh } from '../../platform/http/is-fresh.ts';
import { SAFE_HEADERS } from '../../platform/http/safe-headers.ts';
import { sendProblem } from '../../platform/http/send-problem.ts';
import type { Log } from '../../platform/log.ts';
import type { Bundle } from '../bundles/bundle.ts';
import type { FollowedBundles } from '../bundles/follow-bundles.ts';
import type { SeenDevices } from '../bundles/seen-devices.ts';
import { parameter } from './parameters.ts';

/** What the route serves; `bundles` answers undefined while the dew's anchor trusts a node, and nothing can be proved. */
export interface BundleRouteDeps {
  readonly bundles: () => Served | undefined;
  readonly seen: Pick<SeenDevices, 'isThere'>;
  readonly metrics: {
    readonly served: (status: number) => void;
    readonly refused: (refusal: { readonly by: 'http'; readonly code: ErrorCode }) => void;
  };
  readonly log: Log;
}

type Served = Pick<FollowedBundles, 'ofGroupOf' | 'ofAccount'>;

const PREFIX = '/v1/bundles/';
const ACCOUNT = /^0x[0-9a-fA-F]{40}$/;

/** `GET` and `HEAD /v1/bundles/{account}`, in front of express: devices ask for little else. Anyone may: it holds hashes, accounts and action bits. */
export function createBundleRoute(deps: BundleRouteDeps): HotRoute {
  return (request, response) => {
    const { url = '', method } = request;
    if (!url.startsWith(PREFIX) || (method !== 'GET' && method !== 'HEAD')) return false;
    const account = url.slice(PREFIX.length);
    const known = deps.bundles()?.ofGroupOf(account as Account);
    if (known) {
      send(known, { request, response, metrics: deps.metrics });
      return true;
    }
    // Anything else than one plain segment, express takes apart.
    if (/[/?%]/.test(account)) return false;
    answer(account, { request, response, ...deps });
    return true;
  };
}

/** The same as an express handler, for paths in unusual forms. */
export function answerBundle(deps: BundleRouteDeps): RequestHandler {
  return (request, response) => {
    answer(parameter(request, 'account'), { request, response, ...deps });
  };
}

interface Exchange extends BundleRouteDeps {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function answer(text: string, exchange: Exchange): void {
  const served = exchange.bundles();
  if (!served) refuse(provesNothing(), exchange);
  else if (!ACCOUNT.test(text)) refuse(noAccount(), exchange);
  else void answerLater(text.toLowerCase() as Account, { ...exchange, served });
}

async function answerLater(
  account: Account,
  { served, ...exchange }: Exchange & { readonly served: Served },
): Promise<void> {
  try {
    const from = networkOf(exchange.request.socket.remoteAddress ?? '');
    const isItself = exchange.seen.isThere({ account, network: from });
    send(served.ofGroupOf(account) ?? (await served.ofAccount(account, { from, isItself })), exchange);
  } catch (error) {
    refuse(error, exchange);
  }
}

function send(
  bundle: Bundle,
  { request, response, metrics }: Pick<Exchange, 'request' | 'response' | 'metrics'>,
): void {
  const { whole, fresh } = headersOf(bundle);
  if (isFresh(request, bundle.etag)) {
    response.writeHead(304, fresh).end();
    metrics.served(304);
    return;
  }
  response.writeHead(200, whole);
  if (request.method === 'HEAD') response.end();
  else response.end(bundle.bytes);
  metrics.served(200);
}

interface Headers {
  readonly whole: string[];
  readonly fresh: string[];
}

const headersMade = new WeakMap<Bundle, Headers>();

/** Made once a bundle, in the flat form that node:http takes as it is. */
function headersOf(bundle: Bundle): Headers {
  const known = headersMade.get(bundle);
  if (known) return known;
  const fresh = ['ETag', bundle.etag, 'Cache-Control', 'no-cache', ...SAFE_HEADERS];
  const whole = [...fresh, 'Content-Type', 'application/cbor', 'Content-Length', String(bundle.bytes.length)];
  headersMade.set(bundle, { whole, fresh });
  return { whole, fresh };
}

function refuse(error: unknown, { request, response, metrics, log }: Exchange): void {
  if (!hasCode(error)) log.error({ error, path: request.url }, 'A request failed for an unforeseen reason');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, status } = sendProblem(response, error);
  metrics.refused({ by: 'http', code });
  metrics.served(status);
}

function provesNothing(): DewproofError {
  return new DewproofError(
    'NOT_FOUND',
    "This dew's anchor trusts a node, so that it can prove nothing; start it with one of validators or witnesses.",
  );
}

function noAccount(): DewproofError {
  return new DewproofError('SCHEMA', 'An account has 0x and 40 hexadecimal digits; correct the path.');
}
