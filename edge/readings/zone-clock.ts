const DAY_MS = 86_400_000;

/** What the clocks of a time zone show; times are in milliseconds since the Unix epoch. */
export interface ZoneClock {
  /** How far its clocks are ahead of UTC at that time, in milliseconds. */
  readonly offsetMs: (timeMs: number) => number;
  /** The first time after `fromMs` and up to `toMs` at which its clocks were set; `toMs` where they were not. */
  readonly changeMs: (span: { readonly fromMs: number; readonly toMs: number }) => number;
  /** When its clocks first show `wallMs` (a time as if in UTC), or jump over it. */
  readonly whenMs: (wallMs: number) => number;
}

/** Reads the rules of `timeZone` from the platform's own time zone database. @throws RangeError (no such zone) */
export function createZoneClock(timeZone: string): ZoneClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

  function offsetMs(timeMs: number): number {
    const shown = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
    const wallMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return wallMs - Math.floor(timeMs / 1000) * 1000;
  }

  function changeMs({ fromMs, toMs }: { fromMs: number; toMs: number }): number {
    const before = offsetMs(fromMs);
    let [low, high] = [fromMs, toMs];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetMs(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  function whenMs(wallMs: number): number {
    // Offsets are less than a day: these two times are before and after whatever happens at `wallMs`.
    const [fromMs, toMs] = [wallMs - DAY_MS, wallMs + DAY_MS];
    const possible = [offsetMs(fromMs), offsetMs(toMs)].map((offset) => wallMs - offset);
    const shown = possible.filter((timeMs) => timeMs + offsetMs(timeMs) === wallMs);
    return shown.length > 0 ? Math.min(...shown) : changeMs({ fromMs, toMs });
  }

  return { offsetMs, changeMs, whenMs };
}
