import { DewproofError } from '../../core/errors.ts';
import type { View } from '../../core/document/schema.ts';
import { sourcesOf } from '../../core/document/view-schema.ts';
import { sleep } from '../../platform/sleep.ts';
import type { PlacedReading } from '../readings/reading.ts';
import { answerLatest, readingJson, type ViewSources } from './answer-view.ts';
import type { ViewEvent } from './host.ts';
import { boundsOf, windowsAfter, type WindowView } from './view-windows.ts';

/** Readings that one listener may leave waiting; of what is beyond, it reads a range's from the store. */
const MAX_WAITING = 256;
const PAGE = 100;
/** How long after its end a window is told, at most. */
const LOOK_EVERY_MS = 1000;

const EVENT_ID = /^[0-9a-f]{1,18}$/;

/** What a listener asks for: `after` is the id of the last event that it has. */
export interface FollowRequest {
  readonly view: View;
  readonly after: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Tells of a view as it changes, until the signal aborts: readings as they come, windows as they end. With `after` it
 * begins where the listener was, out of the store. Whoever takes its time is waited for and makes nobody else wait:
 * what does not fit into the queue is read from the store again (of a latest value, only the newest counts).
 * @throws SCHEMA (an id that no event has)
 */
export function followView(request: FollowRequest, sources: ViewSources): AsyncIterable<ViewEvent> {
  const { view, after, signal } = request;
  if (after !== undefined && !EVENT_ID.test(after)) {
    throw new DewproofError('SCHEMA', 'Last-Event-ID is none of the ids that this view gave; leave it out.');
  }
  if ('window' in view) return followWindows({ ...request, view }, sources);
  return 'range' in view ? followRange({ after, signal, input: view.input }, sources) : followLatest(request, sources);
}

/** The newest value first, unless the listener has it, then each that comes; those between may be passed over. */
async function* followLatest({ view, after, signal }: FollowRequest, sources: ViewSources): AsyncGenerator<ViewEvent> {
  const { readings } = sources;
  const inputs = new Set(sourcesOf(view));
  const queue = openQueue(sources, { inputs, signal });
  const eventOf = (reading: PlacedReading): ViewEvent => ({
    id: reading.place,
    data: 'join' in view ? { latest: answerLatest(view, readings) } : readingJson(reading),
  });
  try {
    const newest = [...inputs].flatMap((input) => readings.latestPlaced(input) ?? []).sort(byPlace);
    const before = newest.at(-1);
    if (before !== undefined && before.place > (after ?? '')) yield eventOf(before);
    for (;;) {
      const taken = await queue.take();
      if (taken === undefined) return;
      // Of several inputs only their state now can be told.
      const told = 'join' in view || taken.isCut ? taken.readings.slice(-1) : taken.readings;
      for (const reading of told) yield eventOf(reading);
    }
  } finally {
    queue.close();
  }
}

/** Each reading once, in order; out of the store where the listener was away or slow. */
async function* followRange(
  {
    input,
    after,
    signal,
  }: { readonly input: string; readonly after: string | undefined; readonly signal: AbortSignal },
  sources: ViewSources,
): AsyncGenerator<ViewEvent> {
  const { readings } = sources;
  const queue = openQueue(sources, { inputs: new Set([input]), signal });
  let last = after ?? '';

  async function* catchUp(): AsyncGenerator<ViewEvent> {
    for (;;) {
      const page = await readings.page({ input, fromMs: 0, toMs: Infinity, limit: PAGE, after: last });
      for (const reading of page) {
        if (signal.aborted) return;
        last = reading.place;
        yield { id: last, data: readingJson(reading) };
      }
      if (page.length < PAGE) return;
    }
  }

  try {
    if (after !== undefined) yield* catchUp();
    // What came while the store was read may have been told out of it.
    let isDoubtful = after !== undefined;
    for (;;) {
      const taken = await queue.take();
      if (taken === undefined) return;
      if (taken.isCut) {
        yield* catchUp();
        isDoubtful = true;
        continue;
      }
      for (const reading of taken.readings) {
        if (isDoubtful && reading.place <= last) continue;
        last = reading.place;
        yield { id: last, data: readingJson(reading) };
      }
      isDoubtful = false;
    }
  } finally {
    queue.close();
  }
}

/** Each window once it has ended: from then on nothing is added to it. */
async function* followWindows(
  { view, after, signal }: FollowRequest & { readonly view: WindowView },
  { readings }: ViewSources,
): AsyncGenerator<ViewEvent> {
  const bounds = boundsOf(view, readings);
  let openMs = bounds.startMs(readings.nowMs());
  let afterMs = after === undefined ? openMs - 1 : Number.parseInt(after, 16);
  let isBehind = after !== undefined;
  for (;;) {
    if (isBehind) {
      for (const { startMs, endMs, row } of windowsAfter({ view, afterMs }, readings)) {
        if (endMs > readings.nowMs() || signal.aborted) break;
        afterMs = startMs;
        yield { id: startMs.toString(16), data: row() };
      }
    }
    await sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    const nowMs = bounds.startMs(readings.nowMs());
    isBehind = nowMs !== openMs;
    openMs = nowMs;
  }
}

interface Taken {
  readonly readings: readonly PlacedReading[];
  /** More came than could wait: these are the newest. */
  readonly isCut: boolean;
}

/** Readings between their arrival and a listener: the one who appends never waits. */
function openQueue(
  { readings }: ViewSources,
  { inputs, signal }: { readonly inputs: ReadonlySet<string>; readonly signal: AbortSignal },
) {
  let waiting: PlacedReading[] = [];
  let isCut = false;
  let wake: () => void = () => undefined;
  const stop = readings.listen((reading) => {
    if (!inputs.has(reading.input)) return;
    waiting.push(reading);
    if (waiting.length > MAX_WAITING) {
      waiting = waiting.slice(-1);
      isCut = true;
    }
    wake();
  });
  const abort = () => {
    wake();
  };
  signal.addEventListener('abort', abort);
  return {
    /** What came since the last call, at least one; undefined once the signal aborts. */
    take: async (): Promise<Taken | undefined> => {
      while (waiting.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (signal.aborted) return undefined;
      const taken = { readings: waiting, isCut };
      waiting = [];
      isCut = false;
      return taken;
    },
    close: () => {
      stop();
      signal.removeEventListener('abort', abort);
    },
  };
}

function byPlace(first: PlacedReading, second: PlacedReading): number {
  return first.place < second.place ? -1 : 1;
}
