import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type Name, type ResourceId } from '../../core/ids.ts';
import { signedOrderSchema } from '../../core/rollout/order.ts';
import { outcomesSchema } from '../../core/rollout/outcome.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import { reportRollout } from '../rollout/report-rollout.ts';
import { verifyDevice, verifyRolloutReader, verifySigned } from '../verify-caller.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { callerOf, parameter } from './parameters.ts';

const CATCH_UP_MS = 5_000;

/**
 * `PUT /v1/rollouts/{tenant}/{name}`: takes the order of a caller whom a policy lets `manage` the resource. A governance
 * role is not enough: devices, which know none, would believe no such order, and start what it meant to hold back.
 */
export function receiveRollout(deps: DewRoutesDeps): RequestHandler {
  return async (request, response) => {
    const resource = resourceIdOf(scopeOf(request));
    verifySigned(callerOf(response, { offer: offerOf(deps), clock: deps.clock }));
    const signed = parseBody(response, signedOrderSchema);
    // What the order is about may be of a moment ago.
    if (!isKnown(deps, { resource, version: signed.order.from.version })) await deps.follower.catchUp(CATCH_UP_MS);
    const offer = offerOf(deps);
    const caller = callerOf(response, { offer, clock: deps.clock });
    if (caller.account !== signed.order.author) {
      throw new DewproofError('FORBIDDEN', 'Whoever gives a rollout order brings it; sign the call as its author.');
    }
    const group = caller.state.heads.get(resource)?.group;
    if (group !== undefined && !offer.plans.has(group)) {
      throw new DewproofError('WRONG_GROUP', "This dew does not serve the resource's group; ask the dew that does.");
    }
    const { identity, state } = offer.known;
    await deps.rollouts.takeOrder(signed, { resource, identity, state, now: caller.now });
    if (group !== undefined) deps.hint(group, { about: 'assignments' });
    response.status(204).end();
  };
}

/** `GET /v1/rollouts/{tenant}/{name}`: the newest order and how it fares, to reviewers and whom a policy lets `manage`. */
export function answerRollout(deps: DewRoutesDeps): RequestHandler {
  return (request, response) => {
    const resource = resourceIdOf(scopeOf(request));
    const offer = offerOf(deps);
    verifyRolloutReader(callerOf(response, { offer, clock: deps.clock }), resource);
    const rollout = deps.rollouts.get(resource);
    if (rollout === undefined) throw new DewproofError('NOT_FOUND', 'No rollout order was given for this resource.');
    const placements = [...offer.plans.values()].flatMap(({ placement }) => [...placement]);
    const placed = placements.filter(([, resources]) => resources.includes(resource)).map(([account]) => account);
    response.set('Cache-Control', 'no-store').json(reportRollout(rollout, { placed, nowMs: deps.clock() }));
  };
}

/** `POST /v1/outcomes`: takes what a device says of itself. */
export function receiveOutcomes(deps: DewRoutesDeps): RequestHandler {
  return async (_request, response) => {
    const offer = offerOf(deps);
    const device = verifyDevice(callerOf(response, { offer, clock: deps.clock }));
    const { outcomes } = parseBody(response, outcomesSchema);
    const halted = await deps.rollouts.takeOutcomes(outcomes, { device, state: offer.known.state });
    if (halted.length > 0) deps.hint(device.group, { about: 'assignments' });
    response.status(204).end();
  };
}

function scopeOf(request: Request): { tenant: Name; name: Name } {
  return { tenant: parameter(request, 'tenant'), name: parameter(request, 'name') };
}

function isKnown(deps: DewRoutesDeps, of: { resource: ResourceId; version: number }): boolean {
  const head = offerOf(deps).known.state.heads.get(of.resource);
  return head !== undefined && head.version >= BigInt(of.version);
}

function parseBody<Schema extends z.ZodType>(response: Response, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(parseJsonBytes(callOf(response).body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new DewproofError(
    'SCHEMA',
    `The body is not what this route takes (${where}: ${issue?.message ?? 'no JSON'}).`,
  );
}
