import type { ErrorRequestHandler, RequestHandler } from 'express';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { PROBLEM_TYPE, problemOf } from '../../core/wire/problem.ts';
import type { Log } from '../log.ts';

const TRY_LATER: readonly number[] = [429, 503, 504, 507];

/** Express handler of last resort: an unknown path is a problem too. @throws NOT_FOUND */
export const refuseUnknownPath: RequestHandler = (request) => {
  throw new DewproofError('NOT_FOUND', `Nothing answers ${request.method} at this path: see the API's description.`);
};

/** Express error handler: answers RFC 9457 problem details; what has no code is logged whole and told as INTERNAL. */
export function handleProblems(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const coded = codedOf(error);
    if (!hasCode(coded)) log.error({ error, path: request.path }, 'A request failed for an unforeseen reason');
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(coded);
    // For whoever counts refusals.
    response.locals['refusal'] = problem.code;
    if (TRY_LATER.includes(problem.status)) response.set('Retry-After', '5');
    // What is left of a body that was not read to its end would be taken for the next request.
    if (!request.complete) response.set('Connection', 'close');
    response.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  };
}

// Express itself throws errors that carry a 4xx status, for instance for `%zz` in a path.
function codedOf(error: unknown): unknown {
  if (!(error instanceof Error) || hasCode(error) || !('status' in error)) return error;
  if (typeof error.status !== 'number' || error.status < 400 || error.status > 499) return error;
  return new DewproofError('SCHEMA', 'The request is malformed.', { cause: error });
}
