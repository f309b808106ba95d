import type { Account } from '../../core/account.ts';
import type { GovernanceRole } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { showTime } from '../show-time.ts';
import type { Column } from '../output/table.ts';

/** That an account has a governance role, from `since` (ISO 8601) on. */
export interface GovernanceRow {
  readonly role: GovernanceRole;
  readonly account: Account;
  readonly since: string;
}

/** Who may change what on the tenant's ledger. */
export function governanceRows(state: LedgerState): readonly GovernanceRow[] {
  return [...state.governance].flatMap(([role, accounts]) =>
    [...accounts].map(([account, since]) => ({ role, account, since: showTime(since) })),
  );
}

/** A governance role's holder in a table. */
export const governanceColumns: readonly Column<GovernanceRow>[] = [
  { title: 'ROLE', of: ({ role }) => role },
  { title: 'ACCOUNT', of: ({ account }) => account },
  { title: 'SINCE', of: ({ since }) => since },
];
