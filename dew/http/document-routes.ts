import type { RequestHandler } from 'express';
import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import { notHeld } from '../documents/verify-upload.ts';
import { verifyReader, verifySigned, verifyUploader } from '../verify-caller.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { callerOf, digestParameter, sendTagged } from './parameters.ts';

const CATCH_UP_MS = 5_000;

/** `GET /v1/documents/{digest}`: a document to whom the ledger lets have it. */
export function answerDocument(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const digest = digestParameter(request);
    const offer = offerOf(deps);
    verifyReader(callerOf(response, { offer, clock: deps.clock }), { digest, holdings: offer.holdings });
    const bytes = await deps.documents.get(digest);
    if (bytes === undefined) {
      if (deps.catalog.get(digest) !== undefined) await deps.provisioning.loseDocument(digest);
      throw new DewproofError('NOT_FOUND', `${digest} is not here, or not any more; apply it again.`);
    }
    sendTagged({ request, response }, { tag: digest, type: 'application/json', bytes });
  };
}

/** `PUT /v1/documents/{digest}`: takes what the ledger holds, and nothing else. */
export function receiveDocument(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const digest = digestParameter(request);
    const { body } = callOf(response);
    await verifyHeld(deps, { digest, caller: () => callerOf(response, { offer: offerOf(deps), clock: deps.clock }) });
    await deps.provisioning.takeDocument(digest, body);
    response.status(204).end();
  };
}

/**
 * The proposal of a moment ago may not have reached this dew: it looks once more before it says no.
 * @throws UNAUTHENTICATED, FORBIDDEN, NOT_APPROVED, LEDGER_BEHIND
 */
async function verifyHeld(
  deps: DewRoutesDeps,
  { digest, caller }: { digest: Digest; caller: () => ReturnType<typeof callerOf> },
): Promise<void> {
  verifySigned(caller());
  const isHeld = (): boolean => offerOf(deps).holdings.has(digest);
  const isNew = isHeld() || (await deps.follower.catchUp(CATCH_UP_MS));
  verifyUploader(caller(), { digest, holdings: offerOf(deps).holdings });
  if (isHeld()) return;
  if (isNew) throw notHeld(digest);
  throw new DewproofError(
    'LEDGER_BEHIND',
    'This dew does not see the newest blocks of its ledger; send it again soon.',
  );
}
