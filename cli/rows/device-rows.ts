import type { DeviceRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { Names } from '../home/names.ts';
import type { Column } from '../output/table.ts';

/** What the ledger says of a device. */
export interface DeviceRow extends DeviceRecord {
  readonly groupName: string | undefined;
}

/** Every enrolled device, suspended and retired ones too. */
export function deviceRows(state: LedgerState, names: Names): readonly DeviceRow[] {
  return [...state.devices.values()].map((record) => ({ ...record, groupName: names.find('group', record.group) }));
}

/** A device in a table. */
export function deviceColumns(names: Names): readonly Column<DeviceRow>[] {
  return [
    { title: 'ACCOUNT', of: ({ account }) => account },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'STATUS', of: ({ status }) => status },
    { title: 'GROUP', of: ({ group }) => names.show('group', group) },
    { title: 'PROFILE', of: ({ profile }) => profile ?? '' },
  ];
}
