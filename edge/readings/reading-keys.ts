import { isTimeZone } from '../../core/document/time-zone.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { SeriesName } from './window-series.ts';

const TIME_DIGITS = 12;
const SEQUENCE_DIGITS = 6;

/** The place of a reading within its input: time and a number within that millisecond, hexadecimal, so that text order is time order. */
export function placeOf({ timeMs, sequence }: { timeMs: number; sequence: number }): string {
  return hex(timeMs, TIME_DIGITS) + hex(sequence, SEQUENCE_DIGITS);
}

/** What `placeOf` wrote; undefined where `place` is something else. */
export function parsePlace(place: string): { readonly timeMs: number; readonly sequence: number } | undefined {
  if (!/^[0-9a-f]{18}$/.test(place)) return undefined;
  const [time, sequence] = [place.slice(0, TIME_DIGITS), place.slice(TIME_DIGITS)];
  return { timeMs: Number.parseInt(time, 16), sequence: Number.parseInt(sequence, 16) };
}

/** Where one resource's readings of one input stand; every key begins with it. */
export function readingPrefix({ resource, input }: { resource: ResourceId; input: string }): string {
  return `${resource}/r/${input}/`;
}

/** Where the latest reading of an input stands: it outlives the reading that `maxEntries` drops. */
export function latestKey({ resource, input }: { resource: ResourceId; input: string }): string {
  return `${resource}/l/${input}`;
}

/** Where one resource's windows stand; every key goes on with `<series>/<start>`. */
export function windowPrefix(resource: ResourceId): string {
  return `${resource}/w/`;
}

/** What a series is called on disk: `<input>/<windowMs>`, and `@<time zone>` where it follows clocks. */
export function seriesKey({ input, windowMs, timezone }: SeriesName): string {
  return `${input}/${windowMs}${timezone === undefined ? '' : `@${encodeURIComponent(timezone)}`}`;
}

/** What `seriesKey` wrote; undefined where `key` is something else, or of a time zone that this machine knows no more. */
export function parseSeriesKey(key: string): SeriesName | undefined {
  const [, input, windowMs, zone] = /^([^/]+)\/([1-9][0-9]{0,14})(?:@([A-Za-z0-9_+%-]+))?$/.exec(key) ?? [];
  if (input === undefined || windowMs === undefined) return undefined;
  const timezone = zone?.replaceAll('%2F', '/').replaceAll('%2B', '+');
  if (timezone !== undefined && !isTimeZone(timezone)) return undefined;
  return { input, windowMs: Number(windowMs), timezone };
}

/** The key of a window that starts at `startMs`. */
export function windowKey(window: { resource: ResourceId; series: SeriesName; startMs: number }): string {
  return `${windowPrefix(window.resource)}${seriesKey(window.series)}/${hex(window.startMs, TIME_DIGITS)}`;
}

/** The range of all keys that begin with `prefix`; no key of ours has a character above `~`. */
export function keysUnder(prefix: string): { readonly gte: string; readonly lt: string } {
  return { gte: prefix, lt: `${prefix}~` };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
