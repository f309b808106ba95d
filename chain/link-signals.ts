/** A signal that ends with others or after a time, until it is released. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Takes its listeners and its timer away; needless once it has ended. */
  readonly release: () => void;
}

/**
 * Links a new signal to `sources` and to a timer of `timeoutMs`, which aborts with `timeoutReason`. Not
 * AbortSignal.any: a signal that lives for years, as a follower's, would collect one dependent signal a request.
 */
export function linkSignals({
  sources,
  timeoutMs,
  timeoutReason,
}: {
  readonly sources: readonly (AbortSignal | undefined)[];
  readonly timeoutMs?: number;
  readonly timeoutReason?: Error;
}): LinkedSignal {
  const controller = new AbortController();
  const present = sources.filter((source) => source !== undefined);
  const end = (): void => {
    abort(present.find(({ aborted }) => aborted)?.reason);
  };
  const abort = (reason: unknown): void => {
    release();
    controller.abort(reason);
  };
  const late = timeoutMs === undefined ? undefined : setTimeout(abort, timeoutMs, timeoutReason);
  const release = (): void => {
    clearTimeout(late);
    for (const source of present) source.removeEventListener('abort', end);
  };
  for (const source of present) source.addEventListener('abort', end, { once: true });
  if (present.some(({ aborted }) => aborted)) end();
  return { signal: controller.signal, release };
}
