import type { Unit } from './unit.ts';

/** When the next retry of any resource is due after `afterMs`, on the clock of `performance.now`; Infinity where none is. */
export function nextDueMs(units: readonly Unit[], { afterMs }: { readonly afterMs: number }): number {
  const slots = units.flatMap(({ current, next }) => [current, next]);
  // One that is due and did not begin just now belongs to a resource that must not run.
  const retries = slots.flatMap((slot) => (slot?.phase === 'idle' ? [slot.retryAtMs] : []));
  return Math.min(...[...retries, ...units.map(({ returnAtMs }) => returnAtMs)].filter((at) => at > afterMs));
}
