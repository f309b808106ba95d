/** A script's share of the processor over time: a bucket that holds one minute's worth and fills steadily. */
export interface CpuShare {
  spend(ms: number): void;
  /** Tells whether there is none left. */
  isSpent(): boolean;
  /** When there will be some again. */
  refilledAtMs(): number;
}

/** Makes a full share; `clock` in milliseconds. */
export function createCpuShare({ cpuMsPerMinute, clock }: { cpuMsPerMinute: number; clock: () => number }): CpuShare {
  const perMs = cpuMsPerMinute / 60_000;
  let left = cpuMsPerMinute;
  let atMs = clock();
  const refill = () => {
    const nowMs = clock();
    left = Math.min(cpuMsPerMinute, left + Math.max(0, nowMs - atMs) * perMs);
    atMs = nowMs;
  };
  return {
    spend: (ms) => {
      refill();
      left -= ms;
    },
    isSpent: () => {
      refill();
      return left <= 0;
    },
    refilledAtMs: () => {
      refill();
      return atMs + Math.max(0, Math.ceil((1 - left) / perMs));
    },
  };
}
