import { ANYONE, ANY_RESOURCE, isAccountSubject, type ResourceId, type RoleId } from '../ids.ts';
import type { StateFacts } from '../state/verified-state.ts';
import type { LedgerState } from './state.ts';

/** A state's facts, as a device asks for them; whoever knows the ledger's identity and block adds those. */
export function factsOf(state: LedgerState): Omit<StateFacts, 'identity' | 'block'> {
  return {
    device: (account) => state.devices.get(account),
    record: (resource) => state.heads.get(resource),
    resourcesOf: (group) =>
      [...state.heads.values()].filter((head) => head.group === group).map((head) => head.resource),
    grant: (resource, subject) => state.grants.get(resource)?.get(subject),
    memberUntil: (role, account) => state.members.get(role)?.get(account),
    rolesNamedFor: (resource) => rolesNamedFor(state, resource),
  };
}

function rolesNamedFor(state: LedgerState, resource: ResourceId): readonly RoleId[] {
  const subjects = [resource, ANY_RESOURCE].flatMap((named) => [...(state.grants.get(named)?.keys() ?? [])]);
  return [...new Set(subjects)].filter((subject) => subject !== ANYONE && !isAccountSubject(subject));
}
