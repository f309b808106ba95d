import type { HttpCall } from '../../core/calls.ts';

/**
 * The call as a fetch `Request`, which ERC-8128 signs and verifies.
 * @throws TypeError where it is no request: a body with GET, a relative URL, or a URL that a reader would rewrite
 */
export function requestOfCall(call: HttpCall): Request {
  // `/a/../b` and `/b` would share a signature, but a router may tell them apart.
  if (new URL(call.url).href !== call.url) throw new TypeError('The URL is not in its canonical form.');
  return new Request(call.url, {
    method: call.method,
    headers: call.headers,
    body: call.body === undefined || call.body.length === 0 ? null : new Uint8Array(call.body),
  });
}
