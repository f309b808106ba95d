/** Makes a limit: tells whether one more may pass now, `perSecond` steadily and `burst` at once; `clock` in ms. */
export function createRateLimit(limit: { perSecond: number; burst: number; clock: () => number }): () => boolean {
  let left = limit.burst;
  let atMs = limit.clock();
  return () => {
    const nowMs = limit.clock();
    left = Math.min(limit.burst, left + (Math.max(0, nowMs - atMs) / 1000) * limit.perSecond);
    atMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
