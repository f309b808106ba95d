import { DewproofError } from '../core/errors.ts';
import { parseJsonBytes } from '../core/wire/json-bytes.ts';
import { parseProblem } from '../core/wire/problem.ts';
import type { CappedResponse } from '../platform/http/fetch-capped.ts';

/** What the dew at `url` answered; what it says of a refusal is told to the operator. @throws NOT_FOUND, DEW_UNAVAILABLE */
export function bodyOfAnswer(response: CappedResponse, { url }: { readonly url: string }): Uint8Array {
  if (response.status === 200 || response.status === 204) return response.body;
  if (response.status === 404) throw new DewproofError('NOT_FOUND', `${url} has not got this; ask another dew.`);
  const claim = claimOf(response.body);
  throw new DewproofError('DEW_UNAVAILABLE', `${url} answered with status ${response.status}${claim}; see its log.`);
}

/** The code that a dew gives, for people: nothing rests on it. */
function claimOf(body: Uint8Array): string {
  try {
    return ` (${parseProblem(parseJsonBytes(body)).code})`;
  } catch {
    return '';
  }
}
