import type { IncomingMessage } from 'node:http';

/** Tells whether the caller has what `etag` (strong, with its quotes) names already: RFC 9110, section 13.1.2. */
export function isFresh({ headers }: Pick<IncomingMessage, 'headers'>, etag: string): boolean {
  const asked = headers['if-none-match'];
  if (asked === undefined) return false;
  if (asked === etag || asked === '*') return true;
  return asked.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
