import type { ResourceId } from '../../core/ids.ts';
import type { Sublevel } from '../../platform/store/open-store.ts';
import { parseReading } from './load-readings.ts';
import { placeOf, readingPrefix } from './reading-keys.ts';
import type { PendingReading, PlacedReading, Reading } from './reading.ts';

/** Which readings of one input: `fromMs` included, `toMs` excluded; `after` is where the page before ended. */
export interface RangeQuery {
  readonly input: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly after: string | undefined;
}

/** Readings, oldest first, and where the next page goes on; undefined where this was the last. */
export interface RangePage {
  readonly readings: readonly Reading[];
  readonly next: string | undefined;
}

/** An input's readings on disk and on their way there; places after `newestPlace` are misdated and not shown. */
export interface RangeSource {
  readonly level: Sublevel;
  readonly resource: ResourceId;
  readonly pending: readonly PendingReading[];
  readonly newestPlace: string;
}

const LARGEST_MS = 2 ** 48 - 1;

/** Reads one page. */
export async function readRange(source: RangeSource, query: RangeQuery): Promise<RangePage> {
  const found = await readPage(source, { ...query, limit: query.limit + 1 });
  const readings = found.slice(0, query.limit);
  const next = found.length > query.limit ? readings.at(-1)?.place : undefined;
  return { readings: readings.map(({ timeMs, value }) => ({ timeMs, value })), next };
}

/** Reads at most `limit` readings with their places. */
export async function readPage(source: RangeSource, query: RangeQuery): Promise<readonly PlacedReading[]> {
  const readings: PlacedReading[] = [];
  for await (const { place, timeMs, value } of streamRange(source, query)) {
    readings.push({ place, timeMs, value });
    if (readings.length === query.limit) break;
  }
  return readings;
}

/**
 * Streams readings, oldest first. What the disk holds is fixed before this returns, in one step with `pending`: a
 * commit that ends meanwhile makes no reading come twice or not at all.
 */
export function streamRange(source: RangeSource, query: Omit<RangeQuery, 'limit'>): AsyncIterable<PlacedReading> {
  const prefix = readingPrefix({ resource: source.resource, input: query.input });
  const { from, to } = boundsOf(source, query);
  const { after = '' } = query;
  const start = after < from ? { gte: prefix + from } : { gt: prefix + after };
  const iterator = source.level.iterator({ ...start, lt: prefix + to });

  return (async function* stream() {
    let last = after;
    for await (const [key, value] of iterator) {
      last = key.slice(prefix.length);
      const reading = parseReading({ place: last, value });
      if (reading !== undefined) yield { ...reading, place: last };
    }
    yield* source.pending.filter(({ place }) => place > last && place >= from && place < to);
  })();
}

function boundsOf(source: RangeSource, query: Omit<RangeQuery, 'limit'>): { from: string; to: string } {
  const to = edgeOf(query.toMs);
  const newest = `${source.newestPlace}~`;
  return { from: edgeOf(query.fromMs), to: to < newest ? to : newest };
}

function edgeOf(timeMs: number): string {
  return placeOf({ timeMs: Math.min(Math.max(0, Math.ceil(timeMs)), LARGEST_MS), sequence: 0 });
}
