import { durationMs } from '../../core/document/duration.ts';
import type { Scalar } from '../../core/document/scalar.ts';
import type { View, VirtualResource } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { windowStartMs, type Aggregate } from '../readings/aggregate.ts';
import type { ResourceReadings } from '../readings/resource-readings.ts';
import type { ViewQuery } from './host.ts';
import { parseViewQuery, type ViewPart } from './view-query.ts';

type WindowView = Extract<View, { readonly window: string }>;

/**
 * Answers a view as JSON: `reading` (latest), `readings` (range) or `windows`, oldest first, with `next` where there
 * is more; times are RFC 3339.
 * @throws NOT_FOUND (no such view), SCHEMA (the query)
 */
export async function answerView(
  request: { readonly view: string; readonly query: ViewQuery },
  { resource, readings }: { readonly resource: VirtualResource; readonly readings: ResourceReadings },
): Promise<object> {
  const view = resource.spec.views.find(({ id }) => id === request.view);
  if (view === undefined || 'computed' in view)
    throw new DewproofError('NOT_FOUND', `This resource has no view ${request.view}.`);
  const part = parseViewQuery(request.query);
  const { tenant, name } = resource.metadata;
  const { inputs, actions } = resource.spec;
  const unit = [...inputs, ...actions].find(({ id }) => id === view.input)?.payload.unit;
  const head = { tenant, name, version: resource.spec.version, view: view.id, ...(unit === undefined ? {} : { unit }) };
  return { ...head, ...(await answerPart(view, { part, readings })) };
}

function answerPart(
  view: Exclude<View, { readonly computed: true }>,
  { part, readings }: { part: ViewPart; readings: ResourceReadings },
) {
  if ('latest' in view) return { reading: toJson(readings.latest(view.input)) };
  if ('range' in view) return answerRange(view.input, { part, readings });
  return answerWindows(view, { part, readings });
}

async function answerRange(input: string, { part, readings }: { part: ViewPart; readings: ResourceReadings }) {
  const page = await readings.range({ input, ...part });
  return { readings: page.readings.map(toJson), ...nextOf(page.next) };
}

/** Windows that overlap the part asked for, also where it begins in the midst of one. */
function answerWindows(view: WindowView, { part, readings }: { part: ViewPart; readings: ResourceReadings }) {
  const windowMs = durationMs(view.window);
  const firstMs = windowStartMs({ timeMs: part.fromMs, windowMs });
  const afterMs = part.after === undefined ? -1 : Number.parseInt(part.after, 16);
  const all = [...readings.windows({ input: view.input, windowMs })].filter(
    ([startMs]) => startMs >= firstMs && startMs > afterMs && startMs < part.toMs,
  );
  const page = all.slice(0, part.limit);
  const windows = page.map(([startMs, aggregate]) => ({
    from: toTime(startMs),
    to: toTime(startMs + windowMs),
    ...pick(aggregate, view.aggregate),
  }));
  return {
    window: view.window,
    windows,
    ...nextOf(all.length > page.length ? page.at(-1)?.[0].toString(16) : undefined),
  };
}

function pick(aggregate: Aggregate, wanted: WindowView['aggregate']): Record<string, number> {
  return Object.fromEntries(
    (['count', 'min', 'max', 'mean'] as const).flatMap((name) =>
      wanted.includes(name) ? [[name, aggregate[name]]] : [],
    ),
  );
}

function nextOf(next: string | undefined): { readonly next?: string } {
  return next === undefined ? {} : { next };
}

function toJson(reading: { readonly timeMs: number; readonly value: Scalar } | undefined) {
  return reading === undefined ? null : { time: toTime(reading.timeMs), value: reading.value };
}

function toTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
