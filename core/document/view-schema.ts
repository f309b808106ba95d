import { z } from 'zod';
import { duration, name, setOf } from './fields.ts';

/** What a window of values can be reduced to. */
export const aggregates = ['min', 'max', 'mean', 'count', 'sum', 'median', 'first', 'last'] as const;

const part = { id: name, input: name };

/** What callers can read of an input: its latest value, a range of values, windows reduced to aggregates; or what a script computes. */
export const viewSchema = z.union([
  z.strictObject({ ...part, latest: z.literal(true) }),
  z.strictObject({ ...part, range: z.literal(true) }),
  z.strictObject({ id: name, computed: z.literal(true) }),
  z.strictObject({ ...part, window: duration({ from: '1s', to: '366d' }), aggregate: setOf(aggregates).min(1) }),
]);
