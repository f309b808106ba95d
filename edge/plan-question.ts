import type { ResourceId } from '../core/ids.ts';
import type { StateFacts } from '../core/state/verified-state.ts';
import type { PlanQuestion } from './plan-changes.ts';
import type { ReconcilerDeps } from './reconciler.ts';
import { viewOfUnit, type Unit } from './unit.ts';

/** What the next plan is made of, out of what the device runs and knows; `nowMs` on the clock of `performance.now`. */
export function questionOf(
  {
    units,
    ...asked
  }: {
    readonly state: StateFacts;
    readonly units: ReadonlyMap<ResourceId, Unit>;
    readonly assigned: ReadonlySet<ResourceId>;
    readonly nowMs: number;
  },
  {
    account,
    keeper,
    memory,
    rollouts,
    askedAt,
  }: Pick<ReconcilerDeps, 'account' | 'keeper' | 'memory' | 'rollouts' | 'askedAt'>,
): PlanQuestion {
  return {
    ...asked,
    account,
    freshnessOf: keeper.aging.freshnessOf,
    units: new Map([...units].map(([resource, unit]) => [resource, viewOfUnit(unit)])),
    rollouts: new Map([...memory.rollouts.keys()].map((resource) => [resource, rollouts.stanceOf(resource)])),
    askedAt: askedAt(),
  };
}
