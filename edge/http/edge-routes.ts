import { Router } from 'express';
import type { Account } from '../../core/account.ts';
import type { VerifyCall } from '../../core/calls.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { resourceIdOf, type ResourceId } from '../../core/ids.ts';
import { verifyAccess } from '../../core/policy.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { authenticate, callOf } from '../../platform/http/authenticate.ts';
import type { AgentState } from '../agent.ts';
import { stateOf } from '../status.ts';
import type { Unit } from '../unit.ts';

/** What the edge's callers see of it. */
export interface EdgeRoutesDeps {
  readonly verifyCall: VerifyCall;
  /** Names (`host:port`) that callers know this edge by, beside its addresses. */
  readonly authorities: readonly string[];
  readonly state: () => VerifiedState | undefined;
  readonly agentState: () => AgentState;
  readonly units: () => ReadonlyMap<ResourceId, Unit>;
  readonly clock: Clock;
}

/** Routes that let a caller read what the newest verified state permits, and nothing else. */
export function edgeRoutes(deps: EdgeRoutesDeps): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const identify = authenticate({ verifyCall: deps.verifyCall, maxBodyBytes: 0, authorities: deps.authorities });

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
    const readable = [...deps.units().values()].filter((unit) => mayRead(unit.resource, { account, deps }));
    response.set('Cache-Control', 'no-store').json({ resources: readable.map(describe) });
  });

  router.get('/v1/resources/:tenant/:name/views/:view', identify, async (request, response) => {
    const [tenant, name, view] = [
      textOf(request.params['tenant']),
      textOf(request.params['name']),
      textOf(request.params['view']),
    ];
    const resource = resourceIdOf({ tenant, name });
    // First whether the caller may know, then whether there is something to know: a stranger gets one answer for both.
    verifyRead(resource, { account: callOf(response).account, deps });
    const host = findHost(resource, deps);
    response.set('Cache-Control', 'no-store').json(await host.answerView(view, request.query));
  });

  return router;
}

function verifyReady({ state, agentState }: EdgeRoutesDeps): VerifiedState {
  const newest = state();
  const { phase } = agentState();
  if (newest !== undefined && (phase === 'following' || phase === 'halted')) return newest;
  throw new DewproofError('LEDGER_UNAVAILABLE', 'This device has no verified state yet: ask again once it is online.');
}

/** @throws FORBIDDEN, UNAUTHENTICATED, LEDGER_UNAVAILABLE (nothing is believed yet, so nobody is let in) */
function verifyRead(
  resource: ResourceId,
  { account, deps }: { account: Account | undefined; deps: EdgeRoutesDeps },
): void {
  verifyAccess({ account, resource, action: 'read', now: unixSeconds(deps.clock) }, verifyReady(deps));
}

function mayRead(resource: ResourceId, of: { account: Account | undefined; deps: EdgeRoutesDeps }): boolean {
  try {
    verifyRead(resource, of);
    return true;
  } catch (error) {
    if (hasCode(error, 'FORBIDDEN', 'UNAUTHENTICATED')) return false;
    throw error;
  }
}

function findHost(resource: ResourceId, { units, agentState }: EdgeRoutesDeps) {
  const unit = units().get(resource);
  if (unit === undefined)
    throw new DewproofError('NOT_FOUND', 'No such resource runs here; see the list of resources.');
  const host = unit.current?.host;
  if (host !== undefined) return host;
  if (agentState().phase === 'halted') {
    throw new DewproofError('SUSPENDED', 'The ledger does not let this device work; ask its operator.');
  }
  if (unit.refused !== undefined && unit.refused !== 'UNASSIGNED') {
    throw new DewproofError(unit.refused, 'This resource is stopped by the ledger; ask its operator.');
  }
  throw new DewproofError('UNHEALTHY', `This resource does not run now (${stateOf(unit.current ?? unit.next)}).`);
}

function textOf(parameter: string | string[] | undefined): string {
  return typeof parameter === 'string' ? parameter : '';
}

function describe({ tenant, name, current, next, refused }: Unit) {
  const views = current?.configuration?.document.spec.views ?? [];
  return {
    tenant,
    name,
    state: refused === undefined ? stateOf(current ?? next) : 'FINISHED',
    version: current === undefined ? null : Number(current.target.version),
    views: views.map(({ id }) => ({ id, path: `/v1/resources/${tenant}/${name}/views/${id}` })),
  };
}
