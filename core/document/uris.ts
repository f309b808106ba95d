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
