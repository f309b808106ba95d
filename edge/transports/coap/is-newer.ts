/** The sequence number of a notification (24 bits) and when it came. */
export interface Notified {
  readonly sequence: number;
  readonly atMs: number;
}

const HALF = 2 ** 23;
const FORGET_AFTER_MS = 128_000;

/** Tells whether a notification was sent after the newest one so far (RFC 7641 section 3.4). */
export function isNewer(next: Notified, newest: Notified): boolean {
  const [v1, v2] = [newest.sequence, next.sequence];
  return (v1 < v2 && v2 - v1 < HALF) || (v1 > v2 && v1 - v2 > HALF) || next.atMs > newest.atMs + FORGET_AFTER_MS;
}
