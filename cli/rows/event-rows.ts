import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { accountSubject, type ResourceId } from '../../core/ids.ts';
import type { LedgerChange, LedgerEvent } from '../../core/ledger/events.ts';
import { showTime } from '../show-time.ts';
import { showSubject, type Names } from '../home/names.ts';
import type { Column } from '../output/table.ts';
import type { FetchedReceipt } from '../receipts/fetch-receipts.ts';
import type { LedgerFacts } from '../receipts/ledger-facts.ts';
import { describeReceipt, timeOf } from './receipt-rows.ts';

/**
 * One event in words; `who` is absent where the event names nobody, `time` is ISO 8601. Of a device's receipt, `time` is the
 * device's own, and block and transaction are those that anchor it, absent until then.
 */
export interface EventRow {
  readonly time: string;
  readonly block: bigint | undefined;
  readonly transaction: Bytes32 | undefined;
  readonly type: LedgerChange['type'] | 'receipt';
  readonly who: Account | undefined;
  readonly what: string;
}

/** What a history is of. */
export type HistorySubject = { readonly resource: ResourceId } | { readonly account: Account };

/** Tells whether an event speaks of a resource or an account, whoever caused it. */
export function concerns(event: LedgerEvent, subject: HistorySubject): boolean {
  if ('resource' in subject) return 'resource' in event && event.resource === subject.resource;
  const named: readonly unknown[] = Object.values(event);
  return named.includes(subject.account) || named.includes(accountSubject(subject.account));
}

/** An event as a row. */
export function eventRow(event: LedgerEvent, names: Names): EventRow {
  const { at, type } = event;
  const what = describeChange(event, names);
  return { time: showTime(at.time), block: at.height, transaction: at.transaction, type, who: whoCaused(event), what };
}

/** A receipt as a row of the same history. */
export function receiptEventRow({ file, verified: { receipt } }: FetchedReceipt, facts: LedgerFacts): EventRow {
  const anchored = file.inclusion === undefined ? undefined : facts.anchored(file.inclusion.root);
  const proof = anchored === undefined ? 'not anchored yet' : `anchored in block ${anchored.block}`;
  const { block, transaction } = anchored ?? { block: undefined, transaction: undefined };
  const what = `${describeReceipt(receipt)}; ${proof}`;
  return { time: timeOf(receipt), block, transaction, type: 'receipt', who: receipt.device, what };
}

/** An event in a table. */
export const eventColumns: readonly Column<EventRow>[] = [
  { title: 'TIME', of: ({ time }) => time },
  { title: 'BLOCK', of: ({ block }) => block?.toString() ?? '' },
  { title: 'WHO', of: ({ who }) => who ?? '' },
  { title: 'WHAT', of: ({ what }) => what },
  { title: 'TRANSACTION', of: ({ transaction }) => transaction ?? '' },
];

function whoCaused(change: LedgerChange): Account | undefined {
  switch (change.type) {
    case 'configuration-proposed':
      return change.proposer;
    case 'configuration-approved':
      return change.approver;
    case 'version-revoked':
      return change.by;
    case 'receipts-anchored':
      return change.device;
    default:
      return undefined;
  }
}

function describeChange(change: LedgerChange, names: Names): string {
  switch (change.type) {
    case 'device-enrolled': {
      const profile = change.profile === undefined ? '' : ` with profile ${change.profile}`;
      return `enrolled ${change.account} as ${change.kind} of ${names.show('group', change.group)}${profile}`;
    }
    case 'device-status-changed':
      return `${change.account} is ${change.status}`;
    case 'device-group-changed':
      return `moved ${change.account} to ${names.show('group', change.group)}`;
    case 'device-profile-changed':
      return `profile of ${change.account} is ${change.profile ?? 'none'}`;
    case 'configuration-proposed':
      return `proposed ${showVersion(change, names)} for ${names.show('group', change.group)}, ${change.digest}`;
    case 'configuration-approved':
      return `approved ${showVersion(change, names)}, ${change.digest}`;
    case 'configuration-activated':
      return `activated ${showVersion(change, names)}, ${change.digest}`;
    case 'version-revoked':
      return `revoked ${showVersion(change, names)}`;
    case 'approval-threshold-changed':
      return `${change.threshold} must approve`;
    case 'grant-set': {
      const until = `until ${showTime(change.expiresAt)}${change.offline ? ', offline too' : ''}`;
      return `granted ${change.actions.join(',')} to ${showGrant(change, names)} ${until}`;
    }
    case 'grant-revoked':
      return `revoked the grant to ${showGrant(change, names)}`;
    case 'member-set':
      return `made ${change.account} a ${names.show('role', change.role)} until ${showTime(change.expiresAt)}`;
    case 'member-removed':
      return `${change.account} is no ${names.show('role', change.role)} any more`;
    case 'receipts-anchored':
      return `anchored ${change.count} receipts`;
    case 'governance-granted':
      return `made ${change.account} ${change.role} from ${showTime(change.since)} on`;
    case 'governance-revoked':
      return `${change.account} is ${change.role} no more`;
  }
}

function showVersion({ resource, version }: { resource: ResourceId; version: bigint }, names: Names): string {
  return `${names.show('resource', resource)} ${version}`;
}

function showGrant({ resource, subject }: { resource: ResourceId; subject: Bytes32 }, names: Names): string {
  return `${showSubject(subject, names)} on ${names.show('resource', resource)}`;
}
