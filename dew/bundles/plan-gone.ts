import { ANY_RESOURCE, type GroupId } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { GoneFact } from '../ledger/gone-facts.ts';
import { mostNeeded } from './plan-former.ts';

/**
 * Names of the facts that the ledger says a group lost, as many as are told of, which went at most `keepSeconds` before `at`
 * (Unix seconds). A membership counts only where a grant names its role now: by any other, nobody gets in.
 */
export function planGone(
  gone: readonly GoneFact[],
  {
    state,
    group,
    at,
    keepSeconds,
  }: {
    readonly state: Pick<LedgerState, 'heads' | 'grants'>;
    readonly group: GroupId;
    readonly at: bigint;
    readonly keepSeconds: number;
  },
): readonly string[] {
  const recent = gone.filter((one) => isOf(one, group) && at - one.since <= BigInt(keepSeconds)).toReversed();
  if (recent.length === 0) return [];
  const roles = rolesNamedFor(group, state);
  const names = [...new Set(recent.map(({ name }) => name))];
  return mostNeeded(names.filter((name) => isNoMember(name) || roles.has(name.split('/')[1] ?? '')));
}

function isOf({ group }: GoneFact, asked: GroupId): boolean {
  return group === asked || group === '*';
}

function isNoMember(name: string): boolean {
  return !name.startsWith('member/');
}

function rolesNamedFor(group: GroupId, { heads, grants }: Pick<LedgerState, 'heads' | 'grants'>): ReadonlySet<string> {
  const resources = [...heads.values()].filter((head) => head.group === group).map(({ resource }) => resource);
  return new Set([...resources, ANY_RESOURCE].flatMap((resource) => [...(grants.get(resource)?.keys() ?? [])]));
}
