import type { Digest } from '../../core/digest.ts';
import type { GroupId, ResourceId } from '../../core/ids.ts';
import type { ConfigurationRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { Names } from '../home/names.ts';
import type { Column } from '../output/table.ts';

/** What the ledger says of a resource; `id` and `group` are ids, the names are those that this home knows. */
export interface ResourceRow {
  readonly id: ResourceId;
  readonly name: string | undefined;
  readonly version: bigint;
  readonly status: ConfigurationRecord['status'];
  readonly group: GroupId;
  readonly groupName: string | undefined;
  readonly digest: Digest;
}

/** Every resource's record. */
export function resourceRows(state: LedgerState, names: Names): readonly ResourceRow[] {
  return [...state.heads.values()].map((record) => resourceRow(record, names));
}

/** One record as a row. */
function resourceRow(record: ConfigurationRecord, names: Names): ResourceRow {
  return {
    id: record.resource,
    name: names.find('resource', record.resource),
    version: record.version,
    status: record.status,
    group: record.group,
    groupName: names.find('group', record.group),
    digest: record.digest,
  };
}

/** A resource in a table. */
export function resourceColumns(names: Names): readonly Column<ResourceRow>[] {
  return [
    { title: 'NAME', of: ({ id }) => names.show('resource', id) },
    { title: 'VERSION', of: ({ version }) => version.toString() },
    { title: 'STATUS', of: ({ status }) => status },
    { title: 'GROUP', of: ({ group }) => names.show('group', group) },
    { title: 'DIGEST', of: ({ digest }) => digest },
  ];
}
