import { NEVER } from '../core/policy.ts';

/** A moment in Unix seconds as ISO 8601 to the second, or `never`. */
export function showTime(seconds: bigint): string {
  if (seconds === NEVER) return 'never';
  // The latest that a Date can hold; a ledger's uint64 reaches further.
  if (seconds > 8_640_000_000_000n) return `${seconds} s`;
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
