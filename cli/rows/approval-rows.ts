import type { Account } from '../../core/account.ts';
import type { Bytes32, Digest } from '../../core/digest.ts';
import type { Submitted } from '../../core/ledger/ledger.ts';
import type { ProposalRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { Names } from '../home/names.ts';
import type { Column } from '../output/table.ts';

/** A proposal after one account's approval; `transaction` is absent where that account had approved before. */
export interface ApprovalRow {
  readonly name: string;
  readonly version: bigint;
  readonly digest: Digest;
  readonly change: 'approved' | 'unchanged';
  readonly approvals: number;
  readonly needed: number;
  readonly status: 'active' | 'proposed';
  readonly transaction: Bytes32 | undefined;
}

/** A proposal as it stands after `approver` approved it, `state` being what was known before. */
export function approvalRow(
  { resource, version, digest, approvers }: ProposalRecord,
  context: {
    readonly state: LedgerState;
    readonly names: Names;
    readonly approver: Account;
    readonly submitted: Submitted | undefined;
  },
): ApprovalRow {
  const had = approvers.includes(context.approver);
  const approvals = approvers.length + (had ? 0 : 1);
  const needed = context.state.approvalThreshold;
  return {
    name: context.names.show('resource', resource),
    version,
    digest,
    change: had ? 'unchanged' : 'approved',
    approvals,
    needed,
    status: approvals >= needed ? 'active' : 'proposed',
    transaction: had ? undefined : context.submitted?.transaction,
  };
}

/** An approval in a table. */
export const approvalColumns: readonly Column<ApprovalRow>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'VERSION', of: ({ version }) => version.toString() },
  { title: 'CHANGE', of: ({ change }) => change },
  { title: 'APPROVALS', of: ({ approvals, needed }) => `${approvals}/${needed}` },
  { title: 'STATUS', of: ({ status }) => status },
  { title: 'DIGEST', of: ({ digest }) => digest },
];
