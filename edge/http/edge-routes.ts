import { Router } from 'express';
import type { VerifyCall } from '../../core/calls.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import type { Clock } from '../../platform/clock.ts';
import { authenticate, callOf } from '../../platform/http/authenticate.ts';
import type { AgentState } from '../agent.ts';
import { stateOf } from '../status.ts';
import { MAX_PAYLOAD_BYTES } from '../payload/parse-payload.ts';
import type { Unit } from '../unit.ts';
import { isAllowed, verifyReady } from './access.ts';
import { doAction, takeReading } from './command-routes.ts';
import { followEvents, type EventLimits } from './event-routes.ts';
import { describeEdge, describeThing } from './thing-routes.ts';
import { readView } from './view-routes.ts';

const MAX_BUFFERED_BYTES = 8_388_608;

/** What the edge's callers see of it. */
export interface EdgeRoutesDeps {
  readonly verifyCall: VerifyCall;
  /** Names (`host:port`) that callers know this edge by, beside its addresses. */
  readonly authorities: readonly string[];
  readonly state: () => VerifiedState | undefined;
  readonly agentState: () => AgentState;
  readonly units: () => ReadonlyMap<ResourceId, Unit>;
  readonly clock: Clock;
  /** Aborted once the edge closes: streams end then. */
  readonly closing?: AbortSignal;
  readonly eventLimits?: EventLimits;
}

/** Routes that let a caller read what the newest verified state permits, and nothing else. */
export function edgeRoutes(deps: EdgeRoutesDeps): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const identify = authenticate({ verifyCall: deps.verifyCall, maxBodyBytes: 0, authorities: deps.authorities });

  const identifyMessage = authenticate({
    ...deps,
    maxBodyBytes: MAX_PAYLOAD_BYTES,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
  });

  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/readyz', (_request, response) => {
    verifyReady(deps);
    response.json({ status: 'ready' });
  });

  router.get('/v1/resources', identify, (_request, response) => {
    const { account } = callOf(response);
    verifyReady(deps);
    const readable = [...deps.units().values()].filter(({ resource }) =>
      isAllowed({ account, resource, action: 'read' }, deps),
    );
    response.set('Cache-Control', 'no-store').json({ resources: readable.map(describe) });
  });

  router.get('/v1/resources/:tenant/:name/views/:view', identify, readView(deps));
  router.get('/v1/resources/:tenant/:name/views/:view/events', identify, followEvents(deps, deps.eventLimits));
  router.get('/v1/resources/:tenant/:name/td', identify, describeThing(deps));
  router.get('/.well-known/wot', identify, describeEdge(deps));
  router.post('/v1/resources/:tenant/:name/actions/:action', identifyMessage, doAction(deps));
  router.post('/v1/resources/:tenant/:name/inputs/:input', identifyMessage, takeReading(deps));
  return router;
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
