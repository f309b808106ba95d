import type { Account } from '../../core/account.ts';
import { ANY_RESOURCE, ANYONE, type GroupId, type ResourceId, type SubjectId } from '../../core/ids.ts';
import type { EventBatch, LedgerEvent } from '../../core/ledger/events.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { factNameOf } from '../../core/state/fact-name.ts';
import type { FactKey } from '../../core/state/verified-state.ts';

/** A fact that a group (`*`: any of them) may have been told of and that went, with when (Unix seconds) it did. */
export interface GoneFact {
  readonly group: GroupId | '*';
  /** As `factNameOf` makes it. */
  readonly name: string;
  readonly since: bigint;
}

/** What went, read off a ledger's events: a dew that lost its disk learns from it what its groups were told before. */
export interface GoneFacts {
  /** Grants and memberships, then records and devices, the oldest of each first; the same list while nothing changed. */
  list(): readonly GoneFact[];
  /** Takes a batch in; `before` is the state that it is reduced on. */
  take(batch: EventBatch, before: LedgerState): void;
}

/** Of either sort: some 3 MB of the stored state, where a tenant does little else than take away. */
const MOST_GONE = 8_192;

/**
 * Begins with what was stored. More is kept than was ever told (a fact may have come and gone between two bundles): what
 * is told of in vain costs a slot, what is left out would stand until it grew stale.
 */
export function createGoneFacts(loaded: readonly GoneFact[] = [], { most = MOST_GONE } = {}): GoneFacts {
  // Apart, so that no number of revoked grants has a record forgotten: `mostNeeded` says why.
  const [policies, others] = [new Map<string, GoneFact>(), new Map<string, GoneFact>()];
  let listed: readonly GoneFact[] | undefined;

  const add = (fact: GoneFact): void => {
    const gone = /^(?:grant|member)\//.test(fact.name) ? policies : others;
    const key = keyOf(fact);
    // Set anew, so that the first of the map is always what went longest ago.
    gone.delete(key);
    gone.set(key, fact);
    const [oldest] = gone.keys();
    if (gone.size > most && oldest !== undefined) gone.delete(oldest);
    listed = undefined;
  };
  for (const fact of loaded) add(fact);
  return {
    list: () => (listed ??= [...policies.values(), ...others.values()]),
    take: ({ events }, before) => {
      const standing = createStanding(before);
      for (const event of events) {
        for (const fact of goneBy(event, standing)) add(fact);
        standing.take(event);
      }
    },
  };
}

function keyOf({ group, name }: GoneFact): string {
  return `${group} ${name}`;
}

/** What stood just before an event of a batch, as far as it matters here; a batch may hold years. */
interface Standing {
  groupOf(resource: ResourceId): GroupId | undefined;
  deviceGroupOf(account: Account): GroupId | undefined;
  /** Also some that are gone by then. */
  subjectsOf(resource: ResourceId): Iterable<SubjectId>;
  take(event: LedgerEvent): void;
}

function createStanding({ heads, devices, grants }: LedgerState): Standing {
  const groups = new Map<string, GroupId>();
  const subjects = new Map<ResourceId, Set<SubjectId>>();
  return {
    groupOf: (resource) => groups.get(resource) ?? heads.get(resource)?.group,
    deviceGroupOf: (account) => groups.get(account) ?? devices.get(account)?.group,
    subjectsOf: (resource) => [...(grants.get(resource)?.keys() ?? []), ...(subjects.get(resource) ?? [])],
    take: (event) => {
      if (event.type === 'configuration-activated') groups.set(event.resource, event.group);
      else if (event.type === 'device-enrolled' || event.type === 'device-group-changed') {
        groups.set(event.account, event.group);
      } else if (event.type === 'grant-set') {
        subjects.set(event.resource, (subjects.get(event.resource) ?? new Set()).add(event.subject));
      }
    },
  };
}

function goneBy(event: LedgerEvent, standing: Standing): readonly GoneFact[] {
  const from = (group: GoneFact['group'] | undefined, ...facts: readonly FactKey[]): readonly GoneFact[] =>
    group === undefined ? [] : facts.map((fact) => ({ group, name: factNameOf(fact), since: event.at.time }));
  switch (event.type) {
    case 'configuration-activated': {
      const { resource } = event;
      const group = standing.groupOf(resource);
      if (group === event.group) return [];
      const subjects = [...new Set<SubjectId>([ANYONE, ...standing.subjectsOf(resource)])];
      const grants = subjects.map((subject) => ({ kind: 'grant', resource, subject }) as const);
      return from(group, { kind: 'record', resource }, ...grants);
    }
    case 'device-group-changed': {
      const group = standing.deviceGroupOf(event.account);
      return group === event.group ? [] : from(group, { kind: 'device', account: event.account });
    }
    case 'device-status-changed':
      if (event.status !== 'retired') return [];
      return from(standing.deviceGroupOf(event.account), { kind: 'device', account: event.account });
    case 'grant-revoked': {
      const { resource, subject } = event;
      const group = resource === ANY_RESOURCE ? '*' : standing.groupOf(resource);
      return from(group, { kind: 'grant', resource, subject });
    }
    case 'member-removed':
      // Which groups' grants named the role, now or before, is not followed: `planGone` asks what they name then.
      return from('*', { kind: 'member', role: event.role, account: event.account });
    default:
      return [];
  }
}
