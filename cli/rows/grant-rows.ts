import { ANY_RESOURCE, type ResourceId, type SubjectId } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { Action, Grant } from '../../core/policy.ts';
import { showTime } from '../show-time.ts';
import { showSubject, type Names } from '../home/names.ts';
import type { Column } from '../output/table.ts';

/** A grant; `subjectName` is `anyone`, an account, or `role/NAME`, `resourceName` is `any` for every resource. */
export interface GrantRow {
  readonly resource: ResourceId;
  readonly resourceName: string | undefined;
  readonly subject: SubjectId;
  readonly subjectName: string;
  readonly actions: readonly Action[];
  readonly offline: boolean;
  /** ISO 8601, or `never`. */
  readonly expires: string;
  readonly expired: boolean;
}

/** Every grant, those that ended too: the ledger keeps them until they are revoked. */
export function grantRows(state: LedgerState, names: Names, now: bigint): readonly GrantRow[] {
  const grants = [...state.grants.values()].flatMap((bySubject) => [...bySubject.values()]);
  return grants.map((grant) => grantRow(grant, names, now));
}

function grantRow({ resource, subject, actions, offline, expiresAt }: Grant, names: Names, now: bigint): GrantRow {
  return {
    resource,
    resourceName: resource === ANY_RESOURCE ? 'any' : names.find('resource', resource),
    subject,
    subjectName: showSubject(subject, names),
    actions,
    offline,
    expires: showTime(expiresAt),
    expired: expiresAt <= now,
  };
}

/** A grant in a table. */
export function grantColumns(names: Names): readonly Column<GrantRow>[] {
  return [
    { title: 'RESOURCE', of: ({ resource }) => names.show('resource', resource) },
    { title: 'SUBJECT', of: ({ subjectName }) => subjectName },
    { title: 'ACTIONS', of: ({ actions }) => actions.join(',') },
    { title: 'OFFLINE', of: ({ offline }) => (offline ? 'yes' : 'no') },
    { title: 'EXPIRES', of: showExpiry },
  ];
}

/** When something ends, for people: a moment, `never`, or that it is over. */
export function showExpiry({ expires, expired }: { readonly expires: string; readonly expired: boolean }): string {
  return `${expires}${expired ? ' (over)' : ''}`;
}
