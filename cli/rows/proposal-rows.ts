import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import type { GroupId, ResourceId } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { Names } from '../home/names.ts';
import type { Column } from '../output/table.ts';

/** A proposal that may still become active; `approvals` of `needed`. */
export interface ProposalRow {
  readonly id: ResourceId;
  readonly name: string | undefined;
  readonly version: bigint;
  readonly group: GroupId;
  readonly groupName: string | undefined;
  readonly digest: Digest;
  readonly proposer: Account;
  readonly approvers: readonly Account[];
  readonly needed: number;
}

/** Every proposal newer than its resource's record. */
export function proposalRows(state: LedgerState, names: Names): readonly ProposalRow[] {
  return [...state.proposals.values()].map(({ resource, version, group, digest, proposer, approvers }) => ({
    id: resource,
    name: names.find('resource', resource),
    version,
    group,
    groupName: names.find('group', group),
    digest,
    proposer,
    approvers,
    needed: state.approvalThreshold,
  }));
}

/** A proposal in a table. */
export function proposalColumns(names: Names): readonly Column<ProposalRow>[] {
  return [
    { title: 'NAME', of: ({ id }) => names.show('resource', id) },
    { title: 'VERSION', of: ({ version }) => version.toString() },
    { title: 'APPROVALS', of: ({ approvers, needed }) => `${approvers.length}/${needed}` },
    { title: 'GROUP', of: ({ group }) => names.show('group', group) },
    { title: 'PROPOSER', of: ({ proposer }) => proposer },
    { title: 'DIGEST', of: ({ digest }) => digest },
  ];
}
