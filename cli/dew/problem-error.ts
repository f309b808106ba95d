import { DewproofError } from '../../core/errors.ts';
import { parseProblem } from '../../core/wire/problem.ts';
import type { CappedResponse } from '../../platform/http/fetch-capped.ts';

/** The error that a server's answer tells of; one that is no problem document is told by its status. */
export function problemError({ status, body }: CappedResponse, server: string): DewproofError {
  try {
    const { code, detail } = parseProblem(JSON.parse(Buffer.from(body).toString('utf8')));
    return new DewproofError(code, `${server} answers: ${detail}`);
  } catch {
    return new DewproofError(
      'DEW_UNAVAILABLE',
      `${server} answers with status ${status}; check that it is the right server.`,
    );
  }
}
