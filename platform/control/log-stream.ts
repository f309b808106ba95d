import { z } from 'zod';
import { NAME_PATTERN } from '../../core/ids.ts';
import { DewproofError } from '../../core/errors.ts';
import type { LogEntry, LogRing } from '../log-ring.ts';
import type { ControlStream } from './control-server.ts';

/** Levels of a log entry by pino's numbers, the least grave first. */
export const logLevels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
export type LogLevel = keyof typeof logLevels;

/** What an operator asks of a daemon's log. */
const querySchema = z.strictObject({
  /** `tenant/name`, or a name within any tenant. */
  resource: z
    .string()
    .refine((text) => text.split('/').length <= 2 && text.split('/').every((part) => NAME_PATTERN.test(part)))
    .optional(),
  /** Unix milliseconds; earlier entries are left out. */
  sinceMs: z.number().min(0).optional(),
  /** Less grave entries are left out. */
  level: z.enum(Object.keys(logLevels) as [LogLevel, ...LogLevel[]]).default('trace'),
  /** Of the entries that there are already, only this many of the newest. */
  lines: z.int().min(0).max(1_000_000).optional(),
  follow: z.boolean().default(false),
});

/** As `querySchema` takes it. */
export type LogQuery = z.input<typeof querySchema>;

/** One item of the answer: an entry, or how many entries were dropped before a slow reader came to them. */
export type LogItem = LogEntry | { readonly dropped: number };

/**
 * The control stream `logs`: entries that the ring holds, then those to come where they are followed. A reader holds a
 * place in the ring and no entries: one that reads slowly, or not at all, costs no memory. @throws SCHEMA
 */
export function logStream(ring: LogRing): ControlStream {
  return async function* (input, signal): AsyncGenerator<LogItem> {
    const parsed = querySchema.safeParse(input ?? {});
    if (!parsed.success) throw new DewproofError('SCHEMA', 'The log is asked for in a way that it does not know.');
    const { follow, lines } = parsed.data;
    const isWanted = wantedBy(parsed.data);
    const before = ring.after(0);
    const found = before.entries.filter(isWanted);
    yield* lines === undefined ? found : found.slice(found.length - Math.min(lines, found.length));
    let { last } = before;
    while (follow && !signal.aborted) {
      await ring.next(last, signal);
      const news = ring.after(last);
      ({ last } = news);
      if (news.dropped > 0) yield { dropped: news.dropped };
      yield* news.entries.filter(isWanted);
    }
  };
}

function wantedBy({ resource, sinceMs = 0, level }: z.output<typeof querySchema>): (entry: LogEntry) => boolean {
  return (entry) =>
    entry.level >= logLevels[level] && entry.time >= sinceMs && (resource === undefined || isAbout(entry, resource));
}

function isAbout({ resource }: LogEntry, wanted: string): boolean {
  return resource === wanted || (!wanted.includes('/') && resource?.endsWith(`/${wanted}`) === true);
}
