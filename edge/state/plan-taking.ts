import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type ResourceId } from '../../core/ids.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import { MAX_KEPT } from '../store/stored-records.ts';
import { addState, mergeKept, planKept, relevantOf } from './keep-states.ts';
import type { KeptState } from './proven-state.ts';

/** What came of a bundle that was taken. */
export interface Taken {
  /** Resources that run here and of which it says nothing, though an older one did: an honest server leaves none out. */
  readonly leftOut: readonly ResourceId[];
}

/** What is to count from now on, and what came of the bundle. */
export interface TakingPlan {
  /** The newest first. */
  readonly planned: readonly KeptState[];
  readonly taken: Taken;
}

/** Plans which states count once one more was accepted. @throws ENDLESS_DATA (too many would have to be kept) */
export function planTaking(
  proven: KeptState,
  {
    kept,
    memory,
    account,
  }: { readonly kept: readonly KeptState[]; readonly memory: DeviceMemory; readonly account: Account },
): TakingPlan {
  const others = kept.filter(({ digest }) => digest !== proven.digest);
  const states = addState(others, proven);
  const resources = relevantOf(mergeKept(states), { account, resources: assignedOf(memory) });
  const planned = planKept(states, { account, resources });
  if (planned.length > MAX_KEPT) throw tooMany();
  return { planned, taken: { leftOut: leftOutOf(proven.state, { known: kept, resources }) } };
}

function leftOutOf(
  state: VerifiedState,
  { known, resources }: { readonly known: readonly KeptState[]; readonly resources: readonly ResourceId[] },
): readonly ResourceId[] {
  return resources.filter((resource) => {
    const fact = { kind: 'record', resource } as const;
    return state.tellsOf?.(fact) === false && known.some((one) => one.state.tellsOf?.(fact) === true);
  });
}

function assignedOf({ assigned }: DeviceMemory): readonly ResourceId[] {
  return (assigned?.resources ?? []).map(resourceIdOf);
}

function tooMany(): DewproofError {
  return new DewproofError(
    'ENDLESS_DATA',
    `More than ${MAX_KEPT} bundles would have to count beside each other: ask for one that tells of everything.`,
  );
}
