/**
 * What a route in front of express sends in place of helmet, as node:http takes it flat: nothing of an answer is ever a page,
 * a part of another origin's page, or a type that was guessed. Not `Strict-Transport-Security`, which counts over TLS alone.
 */
export const SAFE_HEADERS: readonly string[] = [
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ...['Cross-Origin-Resource-Policy', 'same-origin'],
  ...['Referrer-Policy', 'no-referrer'],
];
