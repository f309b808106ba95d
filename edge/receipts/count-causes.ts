import type { Happening } from './happening.ts';

const AGAIN_AFTER_MS = 3_600_000;
// Whoever can provoke refusals chooses how many: beyond this the causes that came longest ago are told at once and forgotten.
const MAX_CAUSES = 2000;

/** A happening and how often it happened since it was told last. */
export interface Counted {
  readonly happening: Happening;
  readonly count: number;
}

/** Counts refusals and rollbacks of one cause: told when they are new, then at most once an hour. */
export interface CauseCounter {
  /** What is to be told now; usually one or none. */
  note(happening: Happening, nowMs: number): readonly Counted[];
  /** What happened again and was not told for an hour. */
  due(nowMs: number): readonly Counted[];
  /** All that was not told yet: the device stops. */
  flush(): readonly Counted[];
}

interface Cause {
  readonly happening: Happening;
  readonly toldMs: number;
  readonly untold: number;
}

/** Makes a counter; times are milliseconds on a clock that is never set back. */
export function createCauseCounter(): CauseCounter {
  const causes = new Map<string, Cause>();

  function take(isTold: (cause: Cause) => boolean, nowMs: number): readonly Counted[] {
    const told: Counted[] = [];
    for (const [key, cause] of causes) {
      if (!isTold(cause)) continue;
      if (cause.untold > 0) {
        told.push({ happening: cause.happening, count: cause.untold });
        causes.set(key, { ...cause, toldMs: nowMs, untold: 0 });
      } else causes.delete(key);
    }
    return told;
  }

  function forgetOldest(): readonly Counted[] {
    const [oldest] = causes;
    if (causes.size <= MAX_CAUSES || oldest === undefined) return [];
    const [key, { happening, untold }] = oldest;
    causes.delete(key);
    return untold > 0 ? [{ happening, count: untold }] : [];
  }

  return {
    note: (happening, nowMs) => {
      const key = keyOf(happening);
      const known = causes.get(key);
      const isNews = known === undefined || nowMs - known.toldMs >= AGAIN_AFTER_MS;
      const count = (known?.untold ?? 0) + 1;
      // Deleted first, so that the map's order is that of the last occurrence.
      causes.delete(key);
      causes.set(key, { happening, toldMs: isNews ? nowMs : known.toldMs, untold: isNews ? 0 : count });
      return [...forgetOldest(), ...(isNews ? [{ happening, count }] : [])];
    },
    due: (nowMs) => take(({ toldMs }) => nowMs - toldMs >= AGAIN_AFTER_MS, nowMs),
    flush: () => take(() => true, 0),
  };
}

function keyOf({ event, tenant, name, document, code }: Happening): string {
  return [event, tenant, name, document?.version, document?.digest, code].join(' ');
}
