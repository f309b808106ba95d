import { DewproofError } from '../../core/errors.ts';

/**
 * The URL that a resource may call: under one of the prefixes that its document names, compared part by part.
 * @throws FORBIDDEN
 */
export function verifyOutbound(url: string, { outbound }: { readonly outbound: readonly string[] }): URL {
  const asked = URL.parse(url);
  if (asked === null) throw forbidden('this is no absolute URL');
  if (asked.username !== '' || asked.password !== '') throw forbidden('no credentials go into a URL');
  // Some servers decode before they resolve `..`, or cut at `;`: the path that was approved is not the one they see.
  if (/%2f|%5c|%2e|\\|\.\.;/i.test(asked.pathname)) throw forbidden('its path can be read in two ways');
  if (!outbound.some((prefix) => isUnder(asked, new URL(prefix)))) throw forbidden('the document does not name it');
  asked.hash = '';
  return asked;
}

function isUnder(asked: URL, prefix: URL): boolean {
  if (prefix.protocol !== 'http:' && prefix.protocol !== 'https:') return false;
  if (asked.protocol !== prefix.protocol || asked.host !== prefix.host) return false;
  if (prefix.search !== '') return asked.pathname === prefix.pathname && asked.search === prefix.search;
  const folder = prefix.pathname.endsWith('/') ? prefix.pathname : `${prefix.pathname}/`;
  return asked.pathname === prefix.pathname || asked.pathname.startsWith(folder);
}

function forbidden(why: string): DewproofError {
  return new DewproofError('FORBIDDEN', `This address can't be called: ${why}.`);
}
