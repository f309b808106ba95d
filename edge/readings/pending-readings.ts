import type { PendingReading } from './reading.ts';

// What a failing disk makes us hold in memory for one resource, at most: about 5 MB.
const MAX_PENDING = 50_000;

/** Readings between their arrival and the disk, oldest first. */
export interface PendingReadings {
  add(reading: PendingReading): void;
  /** Hands out everything for a commit; `settle` or `giveBack` follows before the next `take`. */
  take(): readonly PendingReading[];
  settle(): void;
  giveBack(): void;
  /** Forgets readings that are dated later. */
  forgetAfter(nowMs: number): void;
  /** What a query must add to what the disk holds, a commit under way included. */
  of(input: string): readonly PendingReading[];
  counts(): { readonly waiting: number; readonly lost: number };
}

/** Holds at most `MAX_PENDING`; beyond it the oldest are lost, and counted. */
export function createPendingReadings(): PendingReadings {
  let waiting: PendingReading[] = [];
  let inFlight: readonly PendingReading[] = [];
  let lost = 0;

  function bound(): void {
    // Twice the bound before cutting: cutting one by one would copy the list each time.
    if (waiting.length <= 2 * MAX_PENDING) return;
    lost += waiting.length - MAX_PENDING;
    waiting = waiting.slice(-MAX_PENDING);
  }

  return {
    add: (reading) => {
      waiting.push(reading);
      bound();
    },
    take: () => {
      inFlight = waiting;
      waiting = [];
      return inFlight;
    },
    settle: () => {
      inFlight = [];
    },
    giveBack: () => {
      waiting = [...inFlight, ...waiting];
      inFlight = [];
      bound();
    },
    forgetAfter: (nowMs) => {
      waiting = waiting.filter(({ timeMs }) => timeMs <= nowMs);
    },
    of: (input) => [...inFlight, ...waiting].filter((reading) => reading.input === input),
    counts: () => ({ waiting: inFlight.length + waiting.length, lost }),
  };
}
