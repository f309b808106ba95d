import type { RequestHandler, Router } from 'express';
import type { Registry } from 'prom-client';
import type { VerifyCall } from '../../core/calls.ts';
import { DewproofError } from '../../core/errors.ts';
import { MAX_ORDER_BYTES } from '../../core/rollout/order.ts';
import { MAX_OUTCOMES_BYTES } from '../../core/rollout/outcome.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import type { SendHint } from '../hint-broker.ts';
import { answerAnchors, anchorsOperation } from '../../platform/anchors/answer-anchors.ts';
import type { Anchors } from '../../platform/anchors/open-anchors.ts';
import { createApi } from '../../platform/http/api.ts';
import { authenticate, callOf } from '../../platform/http/authenticate.ts';
import { createBodyBudget } from '../../platform/http/body-budget.ts';
import { limitCalls } from '../../platform/http/limit-calls.ts';
import type { Clock } from '../../platform/clock.ts';
import { answerMetrics } from '../../platform/metrics/metrics-routes.ts';
import type { SeenDevices } from '../bundles/seen-devices.ts';
import type { Catalog } from '../documents/catalog.ts';
import type { ContentStore } from '../documents/content-store.ts';
import type { LedgerFollower } from '../ledger/follow-ledger.ts';
import type { Offer, Provisioning } from '../provisioning.ts';
import type { DewRollouts } from '../rollout/rollouts.ts';
import type { ReceiptStore } from '../receipts/receipt-store.ts';
import { answerArtifact, receiveArtifact } from './artifact-routes.ts';
import { answerAssignments } from './assignment-routes.ts';
import { answerBundle, type BundleRouteDeps } from './bundle-route.ts';
import { answerDocument, receiveDocument } from './document-routes.ts';
import { answerReceipts, receiveReceipts } from './receipt-routes.ts';
import { operations } from './operations.ts';
import { answerNonce, NONCE_LIMITS, type NonceRouteDeps } from './nonce-route.ts';
import { callerOf } from './parameters.ts';
import { verifyManager, verifySigned } from '../verify-caller.ts';
import { answerResource, answerResources } from './resource-routes.ts';
import { answerRollout, receiveOutcomes, receiveRollout } from './rollout-routes.ts';
import { addSecretRoutes, type DewSecrets } from './secret-routes.ts';
import { MAX_DOCUMENT_BYTES, MAX_HELD_ARTIFACT_BYTES } from '../../core/document/limits.ts';
import { MAX_SENT_BYTES } from '../../core/wire/receipts.ts';

/** What a dew's routes stand on. */
export interface DewRoutesDeps extends BundleRouteDeps, NonceRouteDeps {
  readonly verifyCall: VerifyCall;
  readonly isSignedBy: IsSignedBy;
  /** Names (`host:port`) that callers know this dew by, beside its addresses. */
  readonly authorities: readonly string[];
  readonly provisioning: Provisioning;
  readonly follower: Pick<LedgerFollower, 'trouble' | 'catchUp'>;
  readonly documents: ContentStore;
  readonly artifacts: ContentStore;
  readonly catalog: Catalog;
  readonly rollouts: DewRollouts;
  /** Tells a group's devices to look again. */
  readonly hint: SendHint;
  readonly secrets: DewSecrets;
  readonly receipts: ReceiptStore;
  readonly anchors: Pick<Anchors, 'signed'>;
  readonly seen: SeenDevices;
  readonly metrics: BundleRouteDeps['metrics'] & { readonly registry: Registry };
  readonly clock: Clock;
}

/** Of all routes together: with a budget each, every route would add to what strangers can have a dew hold. */
const MAX_BUFFERED_BYTES = 67_108_864;

/** All that a dew answers; everything but its health asks who is calling. */
export function dewRoutes(deps: DewRoutesDeps): Router {
  const { verifyCall, authorities } = deps;
  const api = createApi({
    title: 'Dewproof dew',
    description:
      'A dew server: it hands approved documents to the devices of its groups, and takes them from publishers.',
  });
  const known = { verifyCall, authorities, onSigned: noteDevices(deps) };
  const bodyless = authenticate({ ...known, maxBodyBytes: 0 });
  const bodies = createBodyBudget({ maxBytes: MAX_BUFFERED_BYTES });
  const receiving = (maxBodyBytes: number) => authenticate({ ...known, maxBodyBytes, bodies });

  api.get('/healthz', operations.healthy, (_request, response) => {
    response.json({ status: 'ok' });
  });
  api.get('/readyz', operations.ready, (_request, response) => {
    offerOf(deps);
    const trouble = deps.follower.trouble();
    if (trouble !== undefined) throw trouble;
    response.json({ status: 'ready' });
  });
  api.get('/metrics', operations.metrics, bodyless, permitManagers(deps), answerMetrics(deps.metrics));
  api.get('/v1/documents/:digest', operations.getDocument, bodyless, answerDocument(deps));
  api.put('/v1/documents/:digest', operations.putDocument, receiving(MAX_DOCUMENT_BYTES), receiveDocument(deps));
  api.get('/v1/artifacts/:digest', operations.getArtifact, bodyless, answerArtifact(deps));
  api.put('/v1/artifacts/:digest', operations.putArtifact, receiving(MAX_HELD_ARTIFACT_BYTES), receiveArtifact(deps));
  api.get('/v1/anchors', anchorsOperation, answerAnchors(deps.anchors));
  api.get('/v1/bundles/:account', operations.bundle, answerBundle(deps));
  api.post('/v1/nonces', operations.nonce, limitCalls(NONCE_LIMITS, deps), answerNonce(deps));
  api.get('/v1/assignments/:account', operations.assignments, bodyless, answerAssignments(deps));
  api.get('/v1/resources', operations.resources, bodyless, answerResources(deps));
  api.get('/v1/resources/:tenant/:name', operations.resource, bodyless, answerResource(deps));
  api.post('/v1/receipts', operations.postReceipts, receiving(MAX_SENT_BYTES), receiveReceipts(deps));
  api.get('/v1/receipts', operations.receipts, bodyless, answerReceipts(deps));
  api.get('/v1/rollouts/:tenant/:name', operations.getRollout, bodyless, answerRollout(deps));
  api.put('/v1/rollouts/:tenant/:name', operations.putRollout, receiving(MAX_ORDER_BYTES), receiveRollout(deps));
  api.post('/v1/outcomes', operations.postOutcomes, receiving(MAX_OUTCOMES_BYTES), receiveOutcomes(deps));
  addSecretRoutes(api, { deps, bodyless, receiving });
  return api.router;
}

/** Keys are free: only those of devices in good standing say where a device is. */
function noteDevices({ provisioning, seen }: DewRoutesDeps): (caller: Parameters<SeenDevices['saw']>[0]) => void {
  return (caller) => {
    const device = provisioning.offer()?.known.state.devices.get(caller.account);
    if (device?.status === 'active') seen.saw(caller);
  };
}

/** Lets through who may manage every resource of the tenant: metrics tell of all of them. */
function permitManagers(deps: DewRoutesDeps): RequestHandler {
  return (_request, response, next) => {
    // Before what the ledger says is known: a stranger gets one answer always.
    verifySigned(callOf(response));
    verifyManager(callerOf(response, { offer: offerOf(deps), clock: deps.clock }));
    next();
  };
}

/** What the dew offers now. @throws LEDGER_BEHIND before the ledger was read once: an empty answer would stop devices */
export function offerOf({ provisioning }: Pick<DewRoutesDeps, 'provisioning'>): Offer {
  const offer = provisioning.offer();
  if (offer !== undefined) return offer;
  throw new DewproofError('LEDGER_BEHIND', 'This dew has not read its ledger yet; ask again soon.');
}
