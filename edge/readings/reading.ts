import type { Scalar } from '../../core/document/scalar.ts';
import type { AggregatePart } from './aggregate.ts';
import type { SeriesName } from './window-series.ts';

/** One measured value; `timeMs` is when it arrived, in milliseconds since the Unix epoch. */
export interface Reading {
  readonly timeMs: number;
  readonly value: Scalar;
}

/** A reading and its place, which orders the readings of a resource as text. */
export interface PlacedReading extends Reading {
  readonly place: string;
}

/** A reading that came in but may not be on disk yet. */
export interface PendingReading extends PlacedReading {
  readonly input: string;
}

/** Windows that some view asks for, and what they must keep beside count, min, max and mean. */
export interface WindowPlan extends SeriesName {
  readonly parts?: ReadonlySet<AggregatePart>;
}

/** What is kept of a resource's readings: `windows` are the aggregates that its views ask for. */
export interface ReadingPlan {
  readonly windows: readonly WindowPlan[];
  readonly retentionMs: number;
  readonly maxEntries: number;
}
