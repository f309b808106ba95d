import type { ServerResponse } from 'node:http';
import { PROBLEM_TYPE, problemOf, type Problem } from '../../core/wire/problem.ts';

const TRY_LATER: readonly number[] = [429, 503, 504, 507];

/** Answers what an error is to its caller (RFC 9457), where no express is in between; answers that. */
export function sendProblem(response: ServerResponse, error: unknown): Problem {
  const problem = problemOf(error);
  const body = Buffer.from(JSON.stringify(problem));
  response
    .writeHead(problem.status, {
      'content-type': PROBLEM_TYPE,
      'content-length': body.length,
      'x-content-type-options': 'nosniff',
      ...(TRY_LATER.includes(problem.status) && { 'retry-after': '5' }),
    })
    // Of a HEAD, node:http leaves the body out itself.
    .end(body);
  return problem;
}
