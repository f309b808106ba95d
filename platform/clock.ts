/** Tells the time in milliseconds since the Unix epoch; a daemon passes the one that it believes. */
export type Clock = () => number;

/** The clock's time in whole Unix seconds, as ledgers and grants count. */
export function unixSeconds(clock: Clock): bigint {
  return BigInt(Math.floor(clock() / 1000));
}
