/** A time in milliseconds since the Unix epoch as RFC 3339 writes it, in UTC. */
export function toTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
