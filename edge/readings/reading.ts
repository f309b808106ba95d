import type { Scalar } from '../../core/document/scalar.ts';
import type { AggregatePart } from './aggregate.ts';
import type { SeriesName } from './window-series.ts';

/** One measured value; `timeMs` is when it arrived, in milliseconds since the Unix epoch. */
export interface Reading {
  readonly timeMs: number;
  readonly value: Scalar;
}

/** A reading that came in but may not be on disk yet; `place` orders the readings of its input. */
export interface PendingReading extends Reading {
  readonly input: string;
  readonly place: string;
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
