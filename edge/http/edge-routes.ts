import type { Router } from 'express';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { VerifyCall } from '../../core/calls.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { FactAging } from '../../core/policy.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import type { Clock } from '../../platform/clock.ts';
import { answerAnchors, anchorsOperation } from '../../platform/anchors/answer-anchors.ts';
import type { Anchors } from '../../platform/anchors/open-anchors.ts';
import { createApi } from '../../platform/http/api.ts';
import { authenticate, callOf } from '../../platform/http/authenticate.ts';
import { createBodyBudget } from '../../platform/http/body-budget.ts';
import { answerMetrics } from '../../platform/metrics/metrics-routes.ts';
import type { AgentState } from '../agent-state.ts';
import { answerBundle, EDGE_BUNDLE_PATH } from '../state/bundle-route.ts';
import type { BelievedState } from '../state/state-keeper.ts';
import { stateOf } from '../status.ts';
import { MAX_PAYLOAD_BYTES } from '../payload/parse-payload.ts';
import type { Unit } from '../unit.ts';
import { followEvents, type EventLimits } from './event-routes.ts';
import { describeEdge, describeThing } from './thing-routes.ts';
import { readView } from './view-routes.ts';
import { isAllowed, permitManagers, verifyReady } from './access.ts';
import type { resourcesAnswer } from './answers.ts';
import { doAction, takeReading } from './command-routes.ts';
import { operations } from './operations.ts';

const MAX_BUFFERED_BYTES = 8_388_608;

/** What the edge's callers see of it. */
export interface EdgeRoutesDeps {
  readonly verifyCall: VerifyCall;
  /** Names (`host:port`) that callers know this edge by, beside its addresses. */
  readonly authorities: readonly string[];
  readonly state: () => VerifiedState | undefined;
  readonly newest: () => BelievedState | undefined;
  /** How old the policies are. */
  readonly aging: FactAging;
  readonly agentState: () => AgentState;
  readonly units: () => ReadonlyMap<ResourceId, Unit>;
  readonly metrics: { readonly registry: Registry };
  readonly clock: Clock;
  /** Signed ones are served, so that edges have them of each other; none where left out. */
  readonly anchors?: Pick<Anchors, 'signed'>;
  /** Aborted once the edge closes: streams end then. */
  readonly closing?: AbortSignal;
  readonly eventLimits?: EventLimits;
}

/** Routes that let a caller do what the newest verified state permits, and nothing else. */
export function edgeRoutes(deps: EdgeRoutesDeps): Router {
  const api = createApi({
    title: 'Dewproof edge',
    description: 'An edge device: whom a policy on the ledger lets, reads and commands the resources that run here.',
  });
  const identify = authenticate({ verifyCall: deps.verifyCall, maxBodyBytes: 0, authorities: deps.authorities });

  const identifyMessage = authenticate({
    ...deps,
    maxBodyBytes: MAX_PAYLOAD_BYTES,
    bodies: createBodyBudget({ maxBytes: MAX_BUFFERED_BYTES }),
  });

  api.get('/healthz', operations.healthy, (_request, response) => {
    response.json({ status: 'ok' });
  });

  api.get('/readyz', operations.ready, (_request, response) => {
    verifyReady(deps);
    response.json({ status: 'ready' });
  });

  api.get('/metrics', operations.metrics, identify, permitManagers(deps), answerMetrics(deps.metrics));

  api.get('/v1/anchors', anchorsOperation, answerAnchors(deps.anchors));
  api.get(EDGE_BUNDLE_PATH, operations.bundle, answerBundle(deps.newest));

  api.get('/v1/resources', operations.resources, identify, (_request, response) => {
    const { account } = callOf(response);
    verifyReady(deps);
    const readable = [...deps.units().values()].filter(({ resource }) =>
      isAllowed({ account, resource, action: 'read' }, deps),
    );
    const answer: z.input<typeof resourcesAnswer> = { resources: readable.map(describe) };
    response.set('Cache-Control', 'no-store').json(answer);
  });

  api.get('/v1/resources/:tenant/:name/views/:view', operations.view, identify, readView(deps));
  const follow = followEvents(deps, deps.eventLimits);
  api.get('/v1/resources/:tenant/:name/views/:view/events', operations.events, identify, follow);
  api.get('/v1/resources/:tenant/:name/td', operations.thing, identify, describeThing(deps));
  api.get('/.well-known/wot', operations.device, identify, describeEdge(deps));
  const { act, push } = operations;
  api.post('/v1/resources/:tenant/:name/actions/:action', act, identifyMessage, doAction(deps));
  api.post('/v1/resources/:tenant/:name/inputs/:input', push, identifyMessage, takeReading(deps));
  return api.router;
}

function describe({ tenant, name, current, next, refused }: Unit) {
  const spec = current?.configuration?.document.spec;
  const path = `/v1/resources/${tenant}/${name}`;
  return {
    tenant,
    name,
    state: refused === undefined ? stateOf(current ?? next) : 'FINISHED',
    version: current === undefined ? null : Number(current.target.version),
    views: (spec?.views ?? []).map(({ id }) => ({ id, path: `${path}/views/${id}` })),
    actions: (spec?.actions ?? []).map(({ id }) => ({ id, path: `${path}/actions/${id}` })),
  };
}
