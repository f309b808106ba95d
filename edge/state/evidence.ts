import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { FactKey, VerifiedState } from '../../core/state/verified-state.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { StoreChange } from '../store/edge-store.ts';
import type { StoredCommitted } from '../store/stored-records.ts';
import { isSameTarget, targetOf, type Target } from '../target.ts';

// Bundles kept as evidence for older committed versions; beyond it those that the newest proves as well go.
const MAX_EVIDENCE = 8;

/** Tells whether a state names a target as what a device is to run of a resource. */
export function proves(
  state: VerifiedState,
  { resource, target, account }: { resource: ResourceId; target: Target; account: Account },
): boolean {
  const tells = (fact: FactKey) => state.tellsOf?.(fact) ?? true;
  if (!tells({ kind: 'record', resource }) || !tells({ kind: 'device', account })) return false;
  const record = state.record(resource);
  const device = state.device(account);
  if (record === undefined || device === undefined) return false;
  return isSameTarget([targetOf({ record, device }), target]);
}

/** What is to be kept: bundles by digest, `newest` the newest of them. */
export interface EvidenceQuestion {
  readonly newest: { readonly state: VerifiedState; readonly digest: Digest };
  readonly planned: readonly { readonly digest: Digest }[];
  /** All bundles that the disk holds. */
  readonly stored: readonly Digest[];
  readonly memory: Pick<DeviceMemory, 'committed' | 'rollouts' | 'split'>;
  readonly account: Account;
}

/** Deletes bundles that nothing needs any more; where many are kept, lets the newest vouch for all it can. */
export function planEvidence({ newest, planned, stored, memory, account }: EvidenceQuestion): readonly StoreChange[] {
  const kept = new Map(memory.committed);
  const moved: StoreChange[] = [];
  if (new Set([...kept.values()].map(({ bundle }) => bundle)).size > MAX_EVIDENCE) {
    for (const [resource, committed] of memory.committed) {
      if (!proves(newest.state, { resource, target: targetOfCommitted(committed), account })) continue;
      const value = { ...committed, bundle: newest.digest };
      kept.set(resource, value);
      moved.push({ kind: 'committed', resource, value });
    }
  }
  const needed = new Set([
    ...planned.map(({ digest }) => digest),
    ...[...kept.values(), ...fallbacksOf(memory)].map(({ bundle }) => bundle),
    ...(memory.split?.bundles ?? []),
  ]);
  const gone = stored.filter((one) => !needed.has(one));
  return [...moved, ...gone.map((one) => ({ kind: 'bytes', in: 'bundles', digest: one, value: undefined }) as const)];
}

/** What devices on probation would go back to. */
export function fallbacksOf({ rollouts }: Pick<DeviceMemory, 'rollouts'>): readonly StoredCommitted[] {
  return [...rollouts.values()].flatMap(({ fallback }) => fallback ?? []);
}

/** The target that a commit was for. */
export function targetOfCommitted({ version, digest, profile }: StoredCommitted): Target {
  return { version, digest, profile: profile ?? undefined };
}
