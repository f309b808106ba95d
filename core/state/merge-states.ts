import { ANYONE, ANY_RESOURCE } from '../ids.ts';
import type { FactKey, VerifiedState } from './verified-state.ts';

/** An opened state and when (Unix seconds) a quorum vouched that it was no older; undefined under `rpc`. */
export interface VouchedState {
  readonly state: VerifiedState;
  readonly vouchedAt: bigint | undefined;
}

/** What several states say together: each fact by the newest of them that tells of it. */
export type MergedState = VerifiedState & {
  /** Which of the merged states decides a fact, by its index; undefined where none tells of it. */
  readonly decides: (fact: FactKey) => number | undefined;
  /** Which of them gives a fact its time: the last vouched for whose registry is that of the one which decides. */
  readonly dates: (fact: FactKey) => number | undefined;
  /** When (Unix seconds) a fact was last vouched for. */
  readonly vouchedAt: (fact: FactKey) => bigint | undefined;
};

/**
 * Merges states, the newest first. A server in an attacker's hands can leave out of a new bundle what an older one told;
 * so the newest that tells of a fact decides it, and "revoked" or "absent" there stands against every older word.
 * Of a record or a device that none tells of, `undefined` is no proof of absence: `tellsOf` says which it is.
 */
export function mergeStates(states: readonly [VouchedState, ...VouchedState[]]): MergedState {
  const [{ state: newest }] = states;
  const decides = (fact: FactKey) => {
    const index = states.findIndex(({ state }) => settles(state, fact));
    return index === -1 ? undefined : index;
  };
  const deciderOf = (fact: FactKey) => {
    const index = decides(fact);
    return index === undefined ? undefined : states[index]?.state;
  };
  const dates = (fact: FactKey) => {
    const index = decides(fact);
    return index === undefined ? undefined : datedBy(states, index);
  };
  const record: VerifiedState['record'] = (resource) => deciderOf({ kind: 'record', resource })?.record(resource);
  return {
    ...newest,
    tellsOf: (fact) => deciderOf(fact) !== undefined,
    // Some more than once: whoever asks, asks about each anyway.
    ...(newest.facts && { facts: () => states.flatMap(({ state }) => state.facts?.() ?? []) }),
    device: (account) => deciderOf({ kind: 'device', account })?.device(account),
    record,
    resourcesOf: (group) =>
      union(states, (state) => state.resourcesOf(group)).filter((resource) => record(resource)?.group === group),
    grant: (resource, subject) => deciderOf({ kind: 'grant', resource, subject })?.grant(resource, subject),
    memberUntil: (role, account) => deciderOf({ kind: 'member', role, account })?.memberUntil(role, account),
    rolesNamedFor: (resource) => union(states, (state) => state.rolesNamedFor(resource)),
    decides,
    dates,
    vouchedAt: (fact) => {
      const index = dates(fact);
      return index === undefined ? undefined : states[index]?.vouchedAt;
    },
  };
}

/**
 * Tells whether a state has the last word on a fact. Who tells whether anyone at all may use a resource tells of all of
 * its grants: what it leaves out is none, since a ledger that dropped a grant has nothing left to prove. Memberships go
 * with the grants on every resource in the same way. Leaving out can so narrow a policy, never widen it.
 */
function settles({ tellsOf }: VerifiedState, fact: FactKey): boolean {
  if (tellsOf === undefined || tellsOf(fact)) return true;
  if (fact.kind === 'grant') return tellsOf({ kind: 'grant', resource: fact.resource, subject: ANYONE });
  return fact.kind === 'member' && tellsOf({ kind: 'grant', resource: ANY_RESOURCE, subject: ANYONE });
}

/** Where the registry's root is the same, every slot is: whoever vouches for the one vouches for the other. */
function datedBy(states: readonly VouchedState[], decider: number): number {
  const root = states[decider]?.state.storageRoot;
  if (root === undefined) return decider;
  return states.reduce((latest, { state, vouchedAt }, index) => {
    const isLater = (vouchedAt ?? -1n) > (states[latest]?.vouchedAt ?? -1n);
    return state.storageRoot === root && isLater ? index : latest;
  }, decider);
}

function union<Item>(states: readonly VouchedState[], of: (state: VerifiedState) => readonly Item[]): readonly Item[] {
  return [...new Set(states.flatMap(({ state }) => of(state)))];
}
