import type { Digest } from '../core/digest.ts';
import { resourceIdOf, type ResourceId } from '../core/ids.ts';
import type { StateFacts } from '../core/state/verified-state.ts';
import type { AssignmentList } from '../core/wire/assignment.ts';
import type { Refusals } from './refusals.ts';

const MAX_KEPT = 16;

/**
 * Notices a dew that names an older version again after a newer one that the ledger still holds: a replay, or a dew
 * that lost its memory. It protects nothing, since the record alone decides what runs; it tells the operator.
 */
export function createReplayWatch(refusals: Refusals): (list: AssignmentList, state: StateFacts | undefined) => void {
  const named = new Map<ResourceId, readonly Digest[]>();
  return ({ assignments }, state) => {
    for (const { tenant, name, digest } of assignments) {
      const resource = resourceIdOf({ tenant, name });
      const before = named.get(resource) ?? [];
      const current = state?.record(resource)?.digest;
      // A hostile dew can make up names without end: only those that the ledger has are kept.
      if (current === undefined) continue;
      const isOlder = before.includes(digest) && before.indexOf(digest) < before.indexOf(current);
      if (isOlder) {
        const message = 'A dew names an older version than it did before; the version on the ledger goes on running.';
        refusals.record({ about: `${tenant}/${name}`, code: 'ROLLBACK', message });
      }
      if (!before.includes(digest)) named.set(resource, [...before, digest].slice(-MAX_KEPT));
    }
  };
}
