import { DewproofError } from '../errors.ts';

/** A duration as people write it: a whole number and `ms`, `s`, `m`, `h` or `d`, as in `30s`. */
export type Duration = string;

/** What a duration looks like; at most nine digits, so that milliseconds stay exact. */
export const DURATION_PATTERN = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/;

const millisecondsOf: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration in milliseconds. @throws SCHEMA */
export function durationMs(duration: Duration): number {
  const unit = DURATION_PATTERN.test(duration) ? duration.replace(/^\d+/, '') : '';
  const factor = millisecondsOf[unit];
  if (factor === undefined) {
    throw new DewproofError('SCHEMA', 'A duration is a whole number and ms, s, m, h or d, as in 30s.');
  }
  return Number.parseInt(duration, 10) * factor;
}
