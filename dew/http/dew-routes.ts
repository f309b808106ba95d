import { Router } from 'express';
import type { VerifyCall } from '../../core/calls.ts';
import { DewproofError } from '../../core/errors.ts';
import type { GroupId } from '../../core/ids.ts';
import { MAX_ORDER_BYTES } from '../../core/rollout/order.ts';
import { MAX_OUTCOMES_BYTES } from '../../core/rollout/outcome.ts';
import type { Hint } from '../../core/wire/hint.ts';
import { authenticate } from '../../platform/http/authenticate.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Catalog } from '../documents/catalog.ts';
import type { ContentStore } from '../documents/content-store.ts';
import type { LedgerFollower } from '../ledger/follow-ledger.ts';
import type { Offer, Provisioning } from '../provisioning.ts';
import type { DewRollouts } from '../rollout/rollouts.ts';
import type { ReceiptStore } from '../receipts/receipt-store.ts';
import { answerArtifact, receiveArtifact, MAX_ARTIFACT_BYTES } from './artifact-routes.ts';
import { answerAssignments } from './assignment-routes.ts';
import { answerDocument, receiveDocument } from './document-routes.ts';
import { answerReceipts, receiveReceipts } from './receipt-routes.ts';
import { answerResource, answerResources } from './resource-routes.ts';
import { answerRollout, receiveOutcomes, receiveRollout } from './rollout-routes.ts';
import { addSecretRoutes, type DewSecrets } from './secret-routes.ts';
import { MAX_DOCUMENT_BYTES } from '../../core/document/limits.ts';
import { MAX_SECRET_UPLOAD_BYTES } from '../../core/wire/secrets.ts';
import { MAX_SENT_BYTES } from '../../core/wire/receipts.ts';

/** What a dew's routes stand on. */
export interface DewRoutesDeps {
  readonly verifyCall: VerifyCall;
  /** Names (`host:port`) that callers know this dew by, beside its addresses. */
  readonly authorities: readonly string[];
  readonly provisioning: Provisioning;
  readonly follower: LedgerFollower;
  readonly documents: ContentStore;
  readonly artifacts: ContentStore;
  readonly catalog: Catalog;
  readonly rollouts: DewRollouts;
  /** Tells a group's devices to look again. */
  readonly hint: (group: GroupId, hint: Hint) => Promise<void>;
  readonly secrets: DewSecrets;
  readonly receipts: ReceiptStore;
  readonly clock: Clock;
}

const MAX_BUFFERED_BYTES = 67_108_864;

/** All that a dew answers; everything but its health asks who is calling. */
export function dewRoutes(deps: DewRoutesDeps): Router {
  const { verifyCall, authorities } = deps;
  const router = Router({ strict: true, caseSensitive: true });
  const bodyless = authenticate({ verifyCall, authorities, maxBodyBytes: 0 });
  const receiving = (maxBodyBytes: number) =>
    authenticate({ verifyCall, authorities, maxBodyBytes, maxBufferedBytes: MAX_BUFFERED_BYTES });

  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', (_request, response) => {
    offerOf(deps);
    const trouble = deps.follower.trouble();
    if (trouble !== undefined) throw trouble;
    response.json({ status: 'ready' });
  });
  router.get('/v1/documents/:digest', bodyless, answerDocument(deps));
  router.put('/v1/documents/:digest', receiving(MAX_DOCUMENT_BYTES), receiveDocument(deps));
  router.get('/v1/artifacts/:digest', bodyless, answerArtifact(deps));
  router.put('/v1/artifacts/:digest', receiving(MAX_ARTIFACT_BYTES), receiveArtifact(deps));
  router.get('/v1/assignments/:account', bodyless, answerAssignments(deps));
  router.post('/v1/receipts', receiving(MAX_SENT_BYTES), receiveReceipts(deps));
  router.get('/v1/receipts', bodyless, answerReceipts(deps));
  router.get('/v1/resources', bodyless, answerResources(deps));
  router.get('/v1/resources/:tenant/:name', bodyless, answerResource(deps));
  router.get('/v1/rollouts/:tenant/:name', bodyless, answerRollout(deps));
  router.put('/v1/rollouts/:tenant/:name', receiving(MAX_ORDER_BYTES), receiveRollout(deps));
  router.post('/v1/outcomes', receiving(MAX_OUTCOMES_BYTES), receiveOutcomes(deps));
  addSecretRoutes(router, { deps, bodyless, receiving: receiving(MAX_SECRET_UPLOAD_BYTES) });
  return router;
}

/** What the dew offers now. @throws LEDGER_BEHIND before the ledger was read once: an empty answer would stop devices */
export function offerOf({ provisioning }: Pick<DewRoutesDeps, 'provisioning'>): Offer {
  const offer = provisioning.offer();
  if (offer !== undefined) return offer;
  throw new DewproofError('LEDGER_BEHIND', 'This dew has not read its ledger yet; ask again soon.');
}
