import type { Account } from '../core/account.ts';
import type { ResourceId } from '../core/ids.ts';
import { isSame } from '../core/rollout/decide-rollout.ts';
import { digestOfOrder } from '../core/rollout/order.ts';
import { MAX_OUTCOMES, type RolloutOutcome } from '../core/rollout/outcome.ts';
import type { StateFacts } from '../core/state/verified-state.ts';
import type { Rollouts } from './rollouts.ts';
import type { DeviceMemory } from './store/device-memory.ts';
import type { StoredRollout } from './store/stored-records.ts';
import type { Slot, Unit } from './unit.ts';

/** What a device's outcomes are read from. */
export interface OutcomesDeps {
  readonly account: Account;
  readonly memory: DeviceMemory;
  readonly rollouts: Pick<Rollouts, 'stanceOf'>;
  readonly units: ReadonlyMap<ResourceId, Unit>;
  readonly state: StateFacts | undefined;
}

type Fared = Pick<RolloutOutcome, 'state' | 'code'>;

/** What the device says of itself under each order that concerns a version on the ledger. */
export function outcomesOf({ account, memory, rollouts, units, state }: OutcomesDeps): readonly RolloutOutcome[] {
  const concerned = [...memory.rollouts].filter(([resource, { signed }]) => {
    return isSame(signed.order.to, state?.record(resource)) && units.has(resource);
  });
  return concerned.slice(0, MAX_OUTCOMES).map(([resource, rollout]) => {
    const committed = memory.committed.get(resource);
    const fared = faredOf(rollout, { unit: units.get(resource), isHeld: rollouts.stanceOf(resource).kind === 'hold' });
    return {
      apiVersion: 'dewproof/v1',
      kind: 'RolloutOutcome',
      order: digestOfOrder(rollout.signed.order),
      device: account,
      version: committed === undefined ? null : Number(committed.version),
      ...fared,
    };
  });
}

function faredOf(
  { signed, returned }: StoredRollout,
  { unit, isHeld }: { unit: Unit | undefined; isHeld: boolean },
): Fared {
  if (returned !== null) return { state: returned.reason === 'failed' ? 'failed' : 'returned', code: returned.code };
  const slot = [unit?.current, unit?.next].find((one) => isSame(signed.order.to, one?.target));
  if (slot !== undefined) return faredOfSlot(slot);
  return { state: isHeld ? 'held' : 'installing', code: null };
}

function faredOfSlot({ phase, lastError }: Slot): Fared {
  if (phase === 'running') return { state: 'running', code: null };
  if (phase === 'broken') return { state: 'failed', code: lastError?.code ?? 'INTERNAL' };
  return { state: 'installing', code: lastError?.code ?? null };
}
