const MAX_URI_LENGTH = 512;

/**
 * Tells whether `text` is an absolute URI of one of `schemes` (without the colon), with a host and no credentials,
 * in its normal form (WHATWG URL; a lone `/` may be left out): what is approved is literally what is called, and
 * `..`, `%2e%2e`, backslashes or control characters can't lead a prefix astray.
 */
export function isUri(text: string, schemes: readonly string[]): boolean {
  const url = text.length <= MAX_URI_LENGTH ? URL.parse(text) : null;
  if (url === null || (url.href !== text && url.href !== `${text}/`)) return false;
  const named = schemes.includes(url.protocol.slice(0, -1)) && url.host !== '';
  return named && url.username === '' && url.password === '' && url.hash === '';
}

/** IPv4 and IPv6 addresses of groups, as URIs spell them. */
const GROUP_HOST = /^(?:22[4-9]|23[0-9])(?:\.[0-9]{1,3}){3}$|^\[ff/;
const MAX_PART_BYTES = 255;

/**
 * Tells whether `text` is a `coap:` or `coaps:` URI as `isUri` tells, of one host (a group would let anybody answer, RFC
 * 7252 section 8), whose parts fit CoAP's options (section 6.4): percent signs that encode UTF-8, at most 255 bytes each.
 */
export function isCoapUri(text: string): boolean {
  if (!isUri(text, ['coap', 'coaps'])) return false;
  const { hostname, pathname, search } = new URL(text);
  const parts = [hostname, ...pathname.split('/'), ...search.slice(1).split('&')];
  return !GROUP_HOST.test(hostname) && parts.every(isCoapPart);
}

function isCoapPart(part: string): boolean {
  try {
    return new TextEncoder().encode(decodeURIComponent(part)).length <= MAX_PART_BYTES;
  } catch {
    return false;
  }
}
