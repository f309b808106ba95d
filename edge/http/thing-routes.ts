import type { Request, RequestHandler } from 'express';
import { authorityOf, callOf } from '../../platform/http/authenticate.ts';
import { describeDevice } from '../wot/describe-device.ts';
import { describeResource, TD_TYPE } from '../wot/describe-resource.ts';
import { findRunning, isAllowed, verifyAllowed, verifyReady } from './access.ts';
import type { EdgeRoutesDeps } from './edge-routes.ts';
import { negotiate } from './negotiate.ts';
import { resourceOf } from './parameters.ts';

const THING_TYPES = [TD_TYPE, 'application/json'] as const;

/** `GET …/td`: the Thing Description of a resource (W3C WoT), for whom a policy lets read. */
export function describeThing(deps: EdgeRoutesDeps): RequestHandler {
  return (request, response) => {
    const resource = resourceOf(request);
    const { account } = callOf(response);
    verifyAllowed({ account, resource, action: 'read' }, deps);
    const { document } = findRunning(resource, deps);
    const type = negotiate({ request, response }, THING_TYPES);
    const description = describeResource({
      resource: document,
      id: `urn:dewproof:resource:${resource}`,
      origin: originOf(request, deps),
      access: {
        mayCaller: (action) => isAllowed({ account, resource, action }, deps),
        mayAnyone: (action) => isAllowed({ account: undefined, resource, action }, deps),
      },
    });
    response.set('Cache-Control', 'no-store').type(type).send(JSON.stringify(description));
  };
}

/** `GET /.well-known/wot`: introduces the edge and what the caller may read of it (W3C WoT Discovery). */
export function describeEdge(deps: EdgeRoutesDeps): RequestHandler {
  return (request, response) => {
    const { account } = callOf(response);
    verifyReady(deps);
    const type = negotiate({ request, response }, THING_TYPES);
    const resources = [...deps.units().values()].filter(
      ({ resource, current }) => current?.host !== undefined && isAllowed({ account, resource, action: 'read' }, deps),
    );
    const description = describeDevice({ origin: originOf(request, deps), resources });
    response.set('Cache-Control', 'no-store').type(type).send(JSON.stringify(description));
  };
}

/** The edge as the caller knows it, so that calls that are signed for what is described are taken. */
function originOf(request: Request, { authorities }: EdgeRoutesDeps): string {
  return `${request.protocol}://${authorityOf(request, authorities)}`;
}
