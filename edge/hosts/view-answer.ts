/** One reading; `time` is RFC 3339 in UTC. */
export interface ReadingJson {
  readonly time: string;
  readonly value: number | boolean | string;
}

/** What one window is reduced to, by aggregate. */
export type ReductionJson = Readonly<Record<string, number | null>>;

/** When a window begins and ends, in UTC; `offset` is how far the zone's clocks are ahead at `from`, where it has a zone. */
export interface SpanJson {
  readonly from: string;
  readonly to: string;
  readonly offset?: string;
}

/** A window of one input: beside its span, what it is reduced to, by aggregate. */
export interface WindowJson extends SpanJson {
  readonly [aggregate: string]: string | number | null | undefined;
}

/** A window of several inputs; null where one of them has no values in it. */
export interface JoinedWindowJson extends SpanJson {
  readonly values: Readonly<Record<string, ReductionJson | null>>;
}

/** What the answers of all views begin with; `unit` is the input's, `units` are those of inputs that are joined. */
export interface AnswerHead {
  readonly tenant: string;
  readonly name: string;
  readonly version: number;
  readonly view: string;
  readonly unit?: string;
  readonly units?: Readonly<Record<string, string>>;
}

/** What a view that is not computed answers; `next` is where the following page begins. */
export type ViewAnswer = AnswerHead &
  (
    | { readonly reading: ReadingJson | null }
    | { readonly latest: Readonly<Record<string, ReadingJson | null>> }
    | { readonly readings: readonly ReadingJson[]; readonly next?: string }
    | {
        readonly window: string;
        readonly timezone?: string;
        readonly windows: readonly (WindowJson | JoinedWindowJson)[];
        readonly next?: string;
      }
  );
