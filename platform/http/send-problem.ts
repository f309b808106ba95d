import type { ServerResponse } from 'node:http';
import { PROBLEM_TYPE, problemOf, type Problem } from '../../core/wire/problem.ts';
import { SAFE_HEADERS } from './safe-headers.ts';

const TRY_LATER: readonly number[] = [429, 503, 504, 507];

/** Answers what an error is to its caller (RFC 9457), where no express is in between; answers that. */
export function sendProblem(response: ServerResponse, error: unknown): Problem {
  const problem = problemOf(error);
  const body = Buffer.from(JSON.stringify(problem));
  response
    .writeHead(problem.status, [
      ...SAFE_HEADERS,
      ...['Content-Type', PROBLEM_TYPE, 'Content-Length', String(body.length)],
      ...(TRY_LATER.includes(problem.status) ? ['Retry-After', '5'] : []),
    ])
    // Of a HEAD, node:http leaves the body out itself.
    .end(body);
  return problem;
}
