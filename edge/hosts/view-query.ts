import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import type { ViewQuery } from './host.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

const time = z.iso
  .datetime({ offset: true })
  .max(40)
  .transform((text) => Date.parse(text));

/** The query of a view. */
export const viewQuerySchema = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,3}$/)
    .transform(Number)
    .refine((limit) => limit <= MAX_LIMIT)
    .optional(),
  /** Where the page before ended, as it said itself. */
  next: z
    .string()
    .regex(/^[0-9a-f]{1,18}$/)
    .optional(),
});

/** Which part of a view: times in milliseconds since the Unix epoch, `fromMs` included, `toMs` excluded. */
export interface ViewPart {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly after: string | undefined;
}

/** Parses `?from=&to=&limit=&next=`. @throws SCHEMA */
export function parseViewQuery(query: ViewQuery): ViewPart {
  const parsed = viewQuerySchema.safeParse(query);
  if (!parsed.success) {
    throw new DewproofError(
      'SCHEMA',
      `A view takes from and to (RFC 3339 times), limit (1 to ${MAX_LIMIT}) and next (from the page before), each once.`,
    );
  }
  const { from = 0, to = Infinity, limit = DEFAULT_LIMIT, next } = parsed.data;
  return { fromMs: from, toMs: to, limit, after: next };
}
