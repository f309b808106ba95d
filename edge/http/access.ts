import type { RequestHandler } from 'express';
import type { Account } from '../../core/account.ts';
import type { VirtualResource } from '../../core/document/schema.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { ANY_RESOURCE, type ResourceId } from '../../core/ids.ts';
import { verifyAccess, type Action } from '../../core/policy.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import type { Host } from '../hosts/host.ts';
import { stateOf } from '../status.ts';
import type { EdgeRoutesDeps } from './edge-routes.ts';

/** The state that is believed now. @throws LEDGER_UNAVAILABLE (nothing is believed yet, so nobody is let in) */
export function verifyReady({ state, agentState }: EdgeRoutesDeps): VerifiedState {
  const newest = state();
  const { phase } = agentState();
  if (newest !== undefined && (phase === 'following' || phase === 'halted')) return newest;
  throw new DewproofError('LEDGER_UNAVAILABLE', 'This device has no verified state yet: ask again once it is online.');
}

/** Who asks to do what with which resource. */
export interface AccessRequest {
  readonly account: Account | undefined;
  readonly resource: ResourceId;
  readonly action: Action;
}

/** Lets a caller in, or refuses it. @throws FORBIDDEN, UNAUTHENTICATED, FREEZE, LEDGER_UNAVAILABLE */
export function verifyAllowed(request: AccessRequest, deps: EdgeRoutesDeps): void {
  verifyAccess({ ...request, now: unixSeconds(deps.clock), aging: deps.aging }, verifyReady(deps));
}

/** Tells whether `verifyAllowed` lets a caller in. @throws LEDGER_UNAVAILABLE */
export function isAllowed(request: AccessRequest, deps: EdgeRoutesDeps): boolean {
  try {
    verifyAllowed(request, deps);
    return true;
  } catch (error) {
    if (hasCode(error, 'FORBIDDEN', 'UNAUTHENTICATED', 'FREEZE')) return false;
    throw error;
  }
}

/** Lets through who may manage every resource here: metrics tell of all of them. An unsigned caller never may. */
export function permitManagers(deps: EdgeRoutesDeps): RequestHandler {
  return (_request, response, next) => {
    const { account } = callOf(response);
    if (account === undefined) {
      throw new DewproofError('UNAUTHENTICATED', 'Metrics are for signed callers; sign the call.');
    }
    verifyAllowed({ account, resource: ANY_RESOURCE, action: 'manage' }, deps);
    next();
  };
}

/** The host of a resource that runs. @throws NOT_FOUND, SUSPENDED, UNHEALTHY, why the ledger stopped it */
export function findHost(resource: ResourceId, deps: EdgeRoutesDeps): Host {
  return findRunning(resource, deps).host;
}

/** What runs of a resource: its host and its document. */
export interface Running {
  readonly host: Host;
  readonly document: VirtualResource;
}

/** The version of a resource that runs. @throws NOT_FOUND, SUSPENDED, UNHEALTHY, why the ledger stopped it */
export function findRunning(resource: ResourceId, { units, agentState }: EdgeRoutesDeps): Running {
  const unit = units().get(resource);
  if (unit === undefined)
    throw new DewproofError('NOT_FOUND', 'No such resource runs here; see the list of resources.');
  const { host, configuration } = unit.current ?? {};
  if (host !== undefined && configuration !== undefined) return { host, document: configuration.document };
  if (agentState().phase === 'halted') {
    throw new DewproofError('SUSPENDED', 'The ledger does not let this device work; ask its operator.');
  }
  if (unit.refused !== undefined && unit.refused !== 'UNASSIGNED') {
    throw new DewproofError(unit.refused, 'This resource is stopped by the ledger; ask its operator.');
  }
  if (unit.refused === 'UNASSIGNED') {
    throw new DewproofError(
      'UNHEALTHY',
      'This resource was taken off this device: revoked, moved or placed elsewhere. Ask its operator (`dewproof history` tells).',
    );
  }
  throw new DewproofError('UNHEALTHY', `This resource does not run now (${stateOf(unit.current ?? unit.next)}).`);
}
