import type { RequestHandler } from 'express';
import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import { findHost, verifyAllowed } from './access.ts';
import type { EdgeRoutesDeps } from './edge-routes.ts';
import { parameterOf, resourceOf } from './parameters.ts';

/** What a caller sends to have an action done. */
export const commandSchema = z.strictObject({ value: z.union([z.number(), z.boolean(), z.string()]) });

/** `POST …/actions/{action}`: does an action for whom a policy lets invoke; answers once the other end has it. */
export function doAction(deps: EdgeRoutesDeps): RequestHandler {
  return async (request, response) => {
    const resource = resourceOf(request);
    const { account, body } = callOf(response);
    verifyAllowed({ account, resource, action: 'invoke' }, deps);
    const { value } = parseCommand(body);
    await findHost(resource, deps).act(parameterOf(request, 'action'), value);
    response.status(204).end();
  };
}

/** `POST …/inputs/{input}`: takes a reading, in the input's own format, of whom a policy lets write; kept when answered. */
export function takeReading(deps: EdgeRoutesDeps): RequestHandler {
  return async (request, response) => {
    const resource = resourceOf(request);
    const { account, body } = callOf(response);
    verifyAllowed({ account, resource, action: 'write' }, deps);
    await findHost(resource, deps).push(parameterOf(request, 'input'), body);
    response.status(204).end();
  };
}

function parseCommand(body: Uint8Array): z.infer<typeof commandSchema> {
  try {
    return commandSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'Send JSON: {"value": a number, true, false or a text}.', { cause });
  }
}
