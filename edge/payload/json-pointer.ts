/**
 * The value that an RFC 6901 pointer names within a parsed JSON value; undefined where there is none. Only own
 * members count, so `/constructor` or `/length` reach nothing that the sender did not write.
 */
export function valueAt(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  let at: unknown = document;
  for (const token of pointer.slice(1).split('/')) at = memberOf(at, unescapeToken(token));
  return at;
}

function memberOf(parent: unknown, token: string): unknown {
  if (Array.isArray(parent)) return isIndex(token) ? (parent as unknown[])[Number(token)] : undefined;
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, token)) return undefined;
  return (parent as Record<string, unknown>)[token];
}

function isIndex(token: string): boolean {
  return /^(?:0|[1-9][0-9]{0,8})$/.test(token);
}

// `~1` first: `~01` is the key `~1`, not `/`.
function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
