import type { Request, RequestHandler } from 'express';
import { parseAccount } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { ANY_RESOURCE, resourceIdOf } from '../../core/ids.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { MAX_LISTED_RECEIPTS, parseSentReceipts } from '../../core/wire/receipts.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import { isPlaceKey } from '../receipts/receipt-records.ts';
import type { ReceiptQuery } from '../receipts/receipt-lists.ts';
import { takeReceipts } from '../receipts/take-receipts.ts';
import { isReviewer, mayManage, mayNotLook, verifyDevice } from '../verify-caller.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { callerOf } from './parameters.ts';

const parameters = ['resource', 'device', 'limit', 'next', 'conflicts'];

/** `POST /v1/receipts`: takes receipts of the very device that calls, where it is active and of this dew's groups. */
export function receiveReceipts(deps: DewRoutesDeps): RequestHandler {
  return async (_request, response) => {
    const offer = offerOf(deps);
    const device = verifyDevice(callerOf(response, { offer, clock: deps.clock }));
    if (!offer.plans.has(device.group)) {
      throw new DewproofError(
        'WRONG_GROUP',
        "This dew does not serve the device's group; send it to the dew that does.",
      );
    }
    const envelopes = parseSentReceipts(parseJsonBytes(callOf(response).body));
    const { identity } = offer.known;
    const answer = await takeReceipts(envelopes, {
      device: device.account,
      identity,
      store: deps.receipts,
      isSignedBy: deps.isSignedBy,
    });
    response.json(answer);
  };
}

/** `GET /v1/receipts`: to reviewers all of them, to others those of a resource that a policy lets them manage. */
export function answerReceipts(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(response, { offer: offerOf(deps), clock: deps.clock });
    const { conflicts, ...query } = queryOf(request);
    // What a device contradicted itself about may concern any resource.
    const mayLook = isReviewer(caller) || (!conflicts && mayManage(caller, query.resource ?? ANY_RESOURCE));
    if (!mayLook) throw mayNotLook(caller);
    const page = conflicts
      ? { receipts: await deps.receipts.conflicts(query.device), next: null }
      : await deps.receipts.list(query);
    response.set('Cache-Control', 'no-store').json(page);
  };
}

function queryOf({ query }: Request): ReceiptQuery & { readonly conflicts: boolean } {
  const unknown = Object.keys(query).find((name) => !parameters.includes(name));
  if (unknown !== undefined) throw badQuery();
  const [resource, device, limit, next, conflicts] = parameters.map((name) => once(query[name]));
  if (next !== undefined && !isPlaceKey(next)) throw badQuery();
  if (conflicts !== undefined && conflicts !== 'true') throw badQuery();
  return {
    resource: resource === undefined ? undefined : resourceOf(resource),
    device: device === undefined ? undefined : parseAccount(device),
    after: next,
    limit: limit === undefined ? MAX_LISTED_RECEIPTS : limitOf(limit),
    conflicts: conflicts !== undefined,
  };
}

function once(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw badQuery();
}

function resourceOf(text: string) {
  const [tenant = '', name = '', more] = text.split('/');
  if (more !== undefined) throw badQuery();
  return resourceIdOf({ tenant, name });
}

function limitOf(text: string): number {
  const limit = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : Infinity;
  if (limit <= MAX_LISTED_RECEIPTS) return limit;
  throw badQuery();
}

function badQuery(): DewproofError {
  return new DewproofError(
    'SCHEMA',
    `Receipts take resource (tenant/name), device, limit (1 to ${MAX_LISTED_RECEIPTS}), next (from the page before) and conflicts=true, each once.`,
  );
}
