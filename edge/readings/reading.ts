import type { Scalar } from '../../core/document/scalar.ts';

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

/** What is kept of a resource's readings: `windows` are the aggregates that its views ask for. */
export interface ReadingPlan {
  readonly windows: readonly { readonly input: string; readonly windowMs: number }[];
  readonly retentionMs: number;
  readonly maxEntries: number;
}
