import { hasCode } from '../core/errors.ts';
import type { Refusals } from './refusals.ts';
import type { Rollouts } from './rollouts.ts';
import type { StartDeps } from './start-resource.ts';
import { targetOfCommitted } from './state/evidence.ts';
import type { Target } from './target.ts';
import type { Unit } from './unit.ts';
import { verifyCommitted } from './verify-stored.ts';

/** What the way back needs of the device. */
export interface ReturnDeps extends Pick<StartDeps, 'account' | 'keeper' | 'memory' | 'sources' | 'hosts'> {
  readonly rollouts: Rollouts;
  readonly refusals: Refusals;
}

/**
 * Makes the version before the one on probation the committed one again, in one write (fsync); answers it, or undefined
 * where there is no way back (any more). What it would go back to is verified first: where that was lost, the newer
 * version stays, since one that fails at times is better than none.
 * @throws DISK_FULL, STORE_CORRUPT
 */
export async function returnToFallback({ resource }: Unit, deps: ReturnDeps): Promise<Target | undefined> {
  const { memory, rollouts } = deps;
  if (!(await isWhole(resource, deps))) {
    await memory.remember(() => rollouts.changesWithoutFallback(resource));
    return undefined;
  }
  let target: Target | undefined;
  await memory.remember(() => {
    // Anew, in its turn: the order may have been promoted meanwhile.
    const changes = rollouts.changesAtReturn(resource);
    const fallback = memory.rollouts.get(resource)?.fallback;
    target = changes.length === 0 || fallback == null ? undefined : targetOfCommitted(fallback);
    return changes;
  });
  return target;
}

async function isWhole(resource: Unit['resource'], deps: ReturnDeps): Promise<boolean> {
  const { memory, keeper, account, sources, hosts, refusals } = deps;
  const committed = memory.rollouts.get(resource)?.fallback;
  if (committed == null) return true;
  try {
    const { store } = sources;
    await verifyCommitted({ resource, committed }, { store, keeper, account, runtimes: Object.keys(hosts) });
    return true;
  } catch (error) {
    if (!hasCode(error)) throw error;
    const message = `Version ${committed.version.toString()} is no longer whole, so there is no way back: ${error.message}`;
    refusals.record({ about: `${committed.tenant}/${committed.name}`, code: error.code, message });
    return false;
  }
}
