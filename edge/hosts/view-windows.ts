import { durationMs } from '../../core/document/duration.ts';
import type { View } from '../../core/document/schema.ts';
import { sourcesOf, type AggregateName } from '../../core/document/view-schema.ts';
import type { Aggregate } from '../readings/aggregate.ts';
import { reduceWindow } from '../readings/reduce-window.ts';
import type { ResourceReadings } from '../readings/resource-readings.ts';
import type { SeriesName } from '../readings/window-series.ts';
import { toTime } from './to-time.ts';
import type { JoinedWindowJson, ReductionJson, SpanJson, WindowJson } from './view-answer.ts';

/** A view of windows, of one input or of several that are joined. */
export type WindowView = Extract<View, { readonly window: string }>;

/** One window of a view, in milliseconds since the Unix epoch, and what it answers. */
export interface ViewWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** Made only where it is asked for. */
  readonly row: () => WindowJson | JoinedWindowJson;
}

/** Whose windows a view shows. */
export function seriesOf(view: WindowView): readonly SeriesName[] {
  const windowMs = durationMs(view.window);
  return sourcesOf(view).map((input) => ({ input, windowMs, timezone: view.timezone }));
}

/** Tells where the windows of a view begin and end. */
export function boundsOf(view: WindowView, readings: ResourceReadings) {
  const [first] = seriesOf(view);
  return readings.bounds(first ?? { input: '', windowMs: durationMs(view.window), timezone: view.timezone });
}

/** The windows of a view that begin after `afterMs`, oldest first; a joined one is there where any of its inputs has it. */
export function* windowsAfter(
  { view, afterMs }: { readonly view: WindowView; readonly afterMs: number },
  readings: ResourceReadings,
): Generator<ViewWindow> {
  const series = seriesOf(view).map((name) => ({ input: name.input, windows: readings.windows(name) }));
  const bounds = boundsOf(view, readings);
  const starts = new Set(series.flatMap(({ windows }) => [...windows.keys()].filter((startMs) => startMs > afterMs)));
  for (const startMs of [...starts].sort((first, second) => first - second)) {
    const endMs = bounds.endMs(startMs);
    const row = () => {
      const span = spanOf({ startMs, endMs }, bounds.offsetMs?.(startMs));
      const values = series.map(({ input, windows }) => [input, reduce(windows.get(startMs), view.aggregate)] as const);
      return 'join' in view ? { ...span, values: Object.fromEntries(values) } : { ...span, ...values[0]?.[1] };
    };
    yield { startMs, endMs, row };
  }
}

function spanOf({ startMs, endMs }: { startMs: number; endMs: number }, offsetMs: number | undefined): SpanJson {
  const span = { from: toTime(startMs), to: toTime(endMs) };
  return offsetMs === undefined ? span : { ...span, offset: offsetText(offsetMs) };
}

/** An offset from UTC as RFC 3339 writes it; of zones that had seconds once, the whole minutes. */
function offsetText(offsetMs: number): string {
  const minutes = Math.trunc(Math.abs(offsetMs) / 60_000);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function reduce(aggregate: Aggregate | undefined, names: readonly AggregateName[]): ReductionJson | null {
  if (aggregate === undefined) return null;
  return Object.fromEntries(names.map((name) => [name, reduceWindow(aggregate, name)]));
}
