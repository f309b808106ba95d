import type { RequestHandler } from 'express';
import { digestOf, type Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import { notHeld } from '../documents/verify-upload.ts';
import { artifactOf } from '../documents/artifact-of.ts';
import { verifyReader, verifySigned, verifyUploader, type CallerQuestion } from '../verify-caller.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { callerOf, digestParameter, sendTagged } from './parameters.ts';

/** The largest artifact that a dew takes: its body is whole in memory before it is judged. */
export const MAX_ARTIFACT_BYTES = 16_777_216;

/** `GET /v1/artifacts/{digest}`: an artifact to whom may have a document that names it. */
export function answerArtifact(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const digest = digestParameter(request);
    const offer = offerOf(deps);
    const caller = callerOf(response, { offer, clock: deps.clock });
    verifyAny(documentsNaming(digest, { ...deps, caller }), (document) => {
      verifyReader(caller, { digest: document, holdings: offer.holdings });
    });
    const bytes = await deps.artifacts.get(digest);
    if (bytes === undefined)
      throw new DewproofError('NOT_FOUND', `${digest} is not here, or not any more; apply it again.`);
    sendTagged({ request, response }, { tag: digest, type: 'application/octet-stream', bytes });
  };
}

/** `PUT /v1/artifacts/{digest}`: takes what a held document names, of the size that it names. */
export function receiveArtifact(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const digest = digestParameter(request);
    const { body } = callOf(response);
    const offer = offerOf(deps);
    const caller = callerOf(response, { offer, clock: deps.clock });
    const naming = documentsNaming(digest, { ...deps, caller });
    verifyAny(naming, (document) => {
      verifyUploader(caller, { digest: document, holdings: offer.holdings });
    });
    const sizes = naming.map((document) => artifactOf(deps.catalog.get(document))?.size);
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

/** Documents here that name the artifact. @throws UNAUTHENTICATED, NOT_APPROVED */
function documentsNaming(artifact: Digest, { caller, catalog }: DewRoutesDeps & { caller: CallerQuestion }) {
  // A stranger is not even told what is missing.
  verifySigned(caller);
  const naming = catalog.naming(artifact);
  if (naming.length === 0) throw notHeld(artifact);
  return naming;
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
