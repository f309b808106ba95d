import type { Account } from '../../../core/account.ts';
import type { GroupId, ResourceId, RoleId, SubjectId } from '../../../core/ids.ts';
import type { ConfigurationRecord, DeviceRecord } from '../../../core/ledger/records.ts';
import type { Grant } from '../../../core/policy.ts';

/**
 * What a bundle proves, fact by fact. A key with the value undefined is proved to be absent on the ledger; of a key that
 * is not here the bundle says nothing.
 */
export interface ProvedFacts {
  readonly heads: ReadonlyMap<ResourceId, ConfigurationRecord | undefined>;
  readonly devices: ReadonlyMap<Account, DeviceRecord | undefined>;
  readonly grants: ReadonlyMap<ResourceId, ReadonlyMap<SubjectId, Grant | undefined>>;
  readonly members: ReadonlyMap<RoleId, ReadonlyMap<Account, bigint | undefined>>;
}

/** Resources whose proved record names `group`; the bundle may have left others out. */
export function provedResourcesOf({ heads }: ProvedFacts, group: GroupId): readonly ResourceId[] {
  return [...heads].filter(([, head]) => head?.group === group).map(([resource]) => resource);
}
