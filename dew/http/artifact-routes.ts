import type { RequestHandler, Response } from 'express';
import { digestOf, type Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import { notHeld } from '../documents/verify-upload.ts';
import type { Holdings } from '../ledger/holdings.ts';
import { artifactOf } from '../../core/document/artifact-of.ts';
import { verifyReader, verifyUploader, type CallerQuestion } from '../verify-caller.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { callerOf, digestParameter, sendTagged } from './parameters.ts';

/** `GET /v1/artifacts/{digest}`: an artifact to whom may have a document that names it. */
export function answerArtifact(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const digest = digestParameter(request);
    const { holdings, ...caller } = callerIn(response, deps);
    verifyAny(subjectsOf(digest, deps), (document) => {
      verifyReader(caller, { digest: document, holdings });
    });
    const bytes = await deps.artifacts.get(digest);
    if (bytes === undefined) {
      throw new DewproofError('NOT_FOUND', `${digest} is not here, or not any more; apply it again.`);
    }
    sendTagged({ request, response }, { tag: digest, type: 'application/octet-stream', bytes });
  };
}

/** `PUT /v1/artifacts/{digest}`: takes what a held document names, of the size that it names. */
export function receiveArtifact(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const digest = digestParameter(request);
    const { body } = callOf(response);
    const { holdings, ...caller } = callerIn(response, deps);
    verifyAny(subjectsOf(digest, deps), (document) => {
      verifyUploader(caller, { digest: document, holdings });
    });
    const sizes = deps.catalog.naming(digest).map((document) => artifactOf(deps.catalog.get(document))?.size);
    if (sizes.length === 0) throw notHeld(digest);
    if (digestOf(body) !== digest || !sizes.includes(body.length)) {
      throw new DewproofError(
        'DIGEST_MISMATCH',
        `These bytes are not ${digest}; send the ones that the document names.`,
      );
    }
    await deps.artifacts.put(digest, body);
    response.status(204).end();
  };
}

function callerIn(response: Response, deps: DewRoutesDeps): CallerQuestion & { readonly holdings: Holdings } {
  const offer = offerOf(deps);
  return { ...callerOf(response, { offer, clock: deps.clock }), holdings: offer.holdings };
}

/** Whose rules hold: the documents that name the artifact. Where there is none, a stranger must not learn even that. */
function subjectsOf(artifact: Digest, { catalog }: DewRoutesDeps): readonly Digest[] {
  const naming = catalog.naming(artifact);
  return naming.length > 0 ? naming : [artifact];
}

/** Passes where one of `documents` passes. @throws what the last one threw */
function verifyAny(documents: readonly Digest[], verify: (document: Digest) => void): void {
  let refusal: unknown;
  for (const document of documents) {
    try {
      verify(document);
      return;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}
