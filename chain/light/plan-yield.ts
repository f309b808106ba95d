/** The bundle that was yielded last. */
export interface Shown {
  readonly height: bigint;
  /** Digest of all that it says but its block. */
  readonly content: string;
  /** When, on a clock that never goes back, in milliseconds; -Infinity for one of an earlier run. */
  readonly atMs: number;
}

/**
 * How long until what is known at `height` is to be yielded, in milliseconds: at once where it says something new,
 * after `maxQuietMs` where its block alone is newer, never (Infinity) where it is what was yielded.
 */
export function planYield(
  { height, content }: Omit<Shown, 'atMs'>,
  {
    shown,
    nowMs,
    maxQuietMs,
  }: { readonly shown: Shown | undefined; readonly nowMs: number; readonly maxQuietMs: number },
): number {
  if (!shown) return 0;
  if (height === shown.height) return Infinity;
  if (content !== shown.content) return 0;
  return Math.max(0, shown.atMs + maxQuietMs - nowMs);
}
