import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import { mergeStates } from '../../core/state/merge-states.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { Target } from '../target.ts';
import { proves } from './evidence.ts';
import { mergeKept } from './keep-states.ts';
import type { KeptState, ProvenState } from './proven-state.ts';

/** What to look for grounds in. */
export interface GroundsDeps {
  /** What is believed, the newest first. */
  readonly kept: readonly KeptState[];
  readonly memory: Pick<DeviceMemory, 'committed' | 'rollouts'>;
  readonly account: Account;
  readonly openStored: (digest: Digest) => Promise<KeptState>;
}

/** Finds what vouches for a target: see `StateKeeper.groundsFor`. @throws PROOF_INVALID, STORE_CORRUPT, NOT_APPROVED */
export async function findGrounds(
  wanted: { readonly target: Target; readonly resource: ResourceId },
  { kept, memory, account, openStored }: GroundsDeps,
): Promise<ProvenState> {
  const { resource, target } = wanted;
  const believed = mergeKept(kept);
  if (believed !== undefined && proves(believed, { ...wanted, account })) {
    const decider = kept[believed.decides({ kind: 'record', resource }) ?? 0] ?? kept[0];
    if (decider !== undefined) return { ...decider, state: believed };
  }
  for (const committed of [memory.committed.get(resource), memory.rollouts.get(resource)?.fallback]) {
    if (committed?.version !== target.version) continue;
    const evidence = await openStored(committed.bundle);
    // What it does not say of the device's own standing, newer ones do.
    const state = mergeStates([evidence, ...kept]);
    if (proves(state, { ...wanted, account })) return { ...evidence, state };
  }
  throw new DewproofError('NOT_APPROVED', 'No bundle proves this version any more; a newer one is to come.');
}
