import { z } from 'zod';
import { DURATION_PATTERN, durationMs } from './duration.ts';
import { duration, isUnique, name } from './fields.ts';
import { isTimeZone } from './time-zone.ts';

/** What a window of values can be reduced to, beside percentiles. */
const reductions = ['min', 'max', 'mean', 'count', 'sum', 'median', 'first', 'last', 'rate', 'delta'] as const;

/** `p50` is the median; the smallest value that at least so many of a hundred do not exceed. */
type Percentile = `p${number}`;

const percentiles = Array.from({ length: 99 }, (_, index): Percentile => `p${index + 1}`);

/** One thing that a window of values is reduced to. */
export type AggregateName = (typeof reductions)[number] | Percentile;

const MAX_AGGREGATES = 16;
const MAX_JOINED = 8;
const DAY_MS = 86_400_000;

const aggregate = z
  .enum([...reductions, ...percentiles], `expected ${reductions.join(', ')}, or p1 to p99`)
  .transform((word): AggregateName => word);

const reduction = {
  window: duration({ from: '1s', to: '366d' }),
  aggregate: z.array(aggregate).min(1).max(MAX_AGGREGATES).refine(isUnique, 'expected each only once'),
  /** Whose clock the windows follow; without one they are of fixed length, and aligned to the Unix epoch. */
  timezone: z.string().max(64).refine(isTimeZone, 'expected a time zone as in Europe/Berlin').optional(),
};

const part = { id: name, input: name };
const joined = {
  id: name,
  join: z.array(name).min(2).max(MAX_JOINED).refine(isUnique, 'expected each only once'),
};

/**
 * What callers can read: an input's or action's latest value, a range of its values, or windows of them reduced to
 * aggregates; several side by side are joined. Or what a script computes.
 */
export const viewSchema = z.union([
  z.strictObject({ ...part, latest: z.literal(true) }),
  z.strictObject({ ...part, range: z.literal(true) }),
  z.strictObject({ id: name, computed: z.literal(true) }),
  z.strictObject({ ...part, ...reduction }).refine(isAligned, alignment()),
  z.strictObject({ ...joined, latest: z.literal(true) }),
  z.strictObject({ ...joined, ...reduction }).refine(isAligned, alignment()),
]);

/** The ids of the inputs and actions that a view shows. */
export function sourcesOf(view: object): readonly string[] {
  if ('join' in view) return view.join as readonly string[];
  return 'input' in view ? [view.input as string] : [];
}

/** A calendar has no days of 7 hours: windows that follow a clock are whole days, or whole parts of one. */
function isAligned({ window, timezone }: { window: string; timezone?: string | undefined }): boolean {
  // A malformed duration is refused by its own schema.
  if (timezone === undefined || !DURATION_PATTERN.test(window)) return true;
  const windowMs = durationMs(window);
  return windowMs % DAY_MS === 0 || DAY_MS % windowMs === 0;
}

function alignment() {
  return { path: ['window'], message: 'expected whole days or a whole part of a day, with a time zone' };
}
