import type { View, VirtualResource } from '../../core/document/schema.ts';
import { sourcesOf } from '../../core/document/view-schema.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Reading } from '../readings/reading.ts';
import type { ResourceReadings } from '../readings/resource-readings.ts';
import type { ViewQuery } from './host.ts';
import { toTime } from './to-time.ts';
import type { AnswerHead, ReadingJson, ViewAnswer } from './view-answer.ts';
import { parseViewQuery, type ViewPart } from './view-query.ts';
import { boundsOf, windowsAfter, type ViewWindow, type WindowView } from './view-windows.ts';

/** A view that is made of readings, not computed by a script. */
export type StoredView = Exclude<View, { readonly computed: true }>;

type RangeView = Extract<View, { readonly range: true }>;

/** What views are answered from. */
export interface ViewSources {
  readonly resource: VirtualResource;
  readonly readings: ResourceReadings;
}

/**
 * Answers a view as JSON: `reading` (latest), `latest` (of several inputs), `readings` (range) or `windows`, oldest
 * first, with `next` where there is more; times are RFC 3339.
 * @throws NOT_FOUND (no such view), SCHEMA (the query)
 */
export async function answerView(
  request: { readonly view: string; readonly query: ViewQuery },
  { resource, readings }: ViewSources,
): Promise<ViewAnswer> {
  const view = findView(request.view, resource);
  const part = parseViewQuery(request.query);
  const head = headOf(view, resource);
  if ('range' in view) return { ...head, ...(await answerRange(view, { part, readings })) };
  if ('window' in view) return { ...head, ...answerWindows(view, { part, readings }) };
  if ('join' in view) return { ...head, latest: answerLatest(view, readings) };
  return { ...head, reading: readingJson(readings.latest(view.input)) };
}

/** The view of a document that its host answers itself. @throws NOT_FOUND */
export function findView(id: string, { spec }: VirtualResource): StoredView {
  const view = spec.views.find((one) => one.id === id);
  if (view === undefined || 'computed' in view)
    throw new DewproofError('NOT_FOUND', `This resource has no view ${id}.`);
  return view;
}

/** The latest values of all inputs that a view joins. */
export function answerLatest(view: View, readings: ResourceReadings): Readonly<Record<string, ReadingJson | null>> {
  return Object.fromEntries(sourcesOf(view).map((input) => [input, readingJson(readings.latest(input))]));
}

/** A reading as JSON. */
export function readingJson(reading: Reading): ReadingJson;
export function readingJson(reading: Reading | undefined): ReadingJson | null;
export function readingJson(reading: Reading | undefined): ReadingJson | null {
  return reading === undefined ? null : { time: toTime(reading.timeMs), value: reading.value };
}

function headOf(view: View, { metadata, spec }: VirtualResource): AnswerHead {
  const units = new Map([...spec.inputs, ...spec.actions].map(({ id, payload }) => [id, payload.unit]));
  const known = sourcesOf(view).flatMap((id) => {
    const unit = units.get(id);
    return unit === undefined ? [] : [[id, unit] as const];
  });
  const [first] = known;
  return {
    tenant: metadata.tenant,
    name: metadata.name,
    version: spec.version,
    view: view.id,
    ...(first !== undefined && ('join' in view ? { units: Object.fromEntries(known) } : { unit: first[1] })),
  };
}

async function answerRange(view: RangeView, { part, readings }: { part: ViewPart; readings: ResourceReadings }) {
  const page = await readings.range({ input: view.input, ...part });
  return { readings: page.readings.map((reading) => readingJson(reading)), ...nextOf(page.next) };
}

/** Windows that overlap the part asked for, also where it begins in the midst of one. */
function answerWindows(view: WindowView, { part, readings }: { part: ViewPart; readings: ResourceReadings }) {
  const firstMs = boundsOf(view, readings).startMs(Math.max(0, part.fromMs));
  const afterMs = Math.max(firstMs - 1, part.after === undefined ? -Infinity : Number.parseInt(part.after, 16));
  const page: ViewWindow[] = [];
  let isMore = false;
  for (const window of windowsAfter({ view, afterMs }, readings)) {
    isMore = window.startMs < part.toMs && page.length === part.limit;
    if (window.startMs >= part.toMs || isMore) break;
    page.push(window);
  }
  return {
    window: view.window,
    ...(view.timezone !== undefined && { timezone: view.timezone }),
    windows: page.map(({ row }) => row()),
    ...nextOf(isMore ? page.at(-1)?.startMs.toString(16) : undefined),
  };
}

function nextOf(next: string | undefined): { readonly next?: string } {
  return next === undefined ? {} : { next };
}
