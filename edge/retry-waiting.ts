import type { ErrorCode } from '../core/errors.ts';
import type { ResourceId } from '../core/ids.ts';
import type { Slot, Unit } from './unit.ts';

/** What lacked something that may be there now: one resource, or all that wait because of one code. */
export type Waiting = { readonly resource: ResourceId } | { readonly code: ErrorCode };

/** Lets what waits to be tried again begin at once. */
export function retryWaiting(units: ReadonlyMap<ResourceId, Unit>, which: Waiting): void {
  const waiting = 'resource' in which ? [units.get(which.resource)] : [...units.values()];
  for (const slot of waiting.flatMap((unit) => [unit?.current, unit?.next])) {
    const isMeant = 'resource' in which || slot?.lastError?.code === which.code;
    // Infinity: it was given up, which nothing from outside changes.
    const waits = slot?.phase === 'idle' && Number.isFinite(slot.retryAtMs) && isMeant;
    if (waits) Object.assign(slot, { retryAtMs: 0, attempts: 0 } satisfies Partial<Slot>);
  }
}
