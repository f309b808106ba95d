/** Tells the time in milliseconds since the Unix epoch; a daemon passes the one that it believes. */
export type Clock = () => number;

/** The last moment that a `Date` knows, in milliseconds since the Unix epoch. */
export const LAST_MS = 8.64e15;

/** Unix seconds as RFC 3339 says them; signers say what they like, and an operator must get to see it: at most the last day. */
export function isoTime(seconds: bigint): string {
  return new Date(Math.min(Number(seconds) * 1000, LAST_MS)).toISOString();
}

/** The clock's time in whole Unix seconds, as ledgers and grants count. */
export function unixSeconds(clock: Clock): bigint {
  return BigInt(Math.floor(clock() / 1000));
}
