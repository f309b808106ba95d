import type { Account } from '../../core/account.ts';
import type { RoleId } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { showTime } from '../show-time.ts';
import type { Names } from '../home/names.ts';
import type { Column } from '../output/table.ts';
import { showExpiry } from './grant-rows.ts';

/** That an account has a policy role. */
export interface MemberRow {
  readonly role: RoleId;
  readonly roleName: string | undefined;
  readonly account: Account;
  /** ISO 8601, or `never`. */
  readonly expires: string;
  readonly expired: boolean;
}

/** Every member of every policy role. */
export function memberRows(state: LedgerState, names: Names, now: bigint): readonly MemberRow[] {
  return [...state.members].flatMap(([role, members]) =>
    [...members].map(([account, expiresAt]) => ({
      role,
      roleName: names.find('role', role),
      account,
      expires: showTime(expiresAt),
      expired: expiresAt <= now,
    })),
  );
}

/** A member in a table. */
export function memberColumns(names: Names): readonly Column<MemberRow>[] {
  return [
    { title: 'ROLE', of: ({ role }) => names.show('role', role) },
    { title: 'ACCOUNT', of: ({ account }) => account },
    { title: 'EXPIRES', of: showExpiry },
  ];
}
