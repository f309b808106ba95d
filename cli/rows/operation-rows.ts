import type { ScheduledOperation } from '../../chain/evm/read-operations.ts';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { showTime } from '../show-time.ts';
import type { Column } from '../output/table.ts';

/** A change that waits; `ready` and `expires` are ISO 8601, `data` is the call itself. */
export interface OperationRow {
  readonly id: Bytes32;
  readonly what: string;
  readonly by: Account;
  readonly state: ScheduledOperation['state'];
  readonly ready: string;
  readonly expires: string;
  readonly target: Account;
  readonly data: string;
  readonly transaction: Bytes32;
}

/** How many digits of an id a table shows; `execute` and `cancel` take as few, where they mean one. */
const SHOWN_DIGITS = 16;

/** What is printed of a change that waits. */
export function operationRow(operation: ScheduledOperation): OperationRow {
  const { id, words, caller, state, readyAt, expiresAt, target, data, scheduledIn } = operation;
  const times = { ready: showTime(readyAt), expires: showTime(expiresAt) };
  return { id, what: words, by: caller, state, ...times, target, data, transaction: scheduledIn };
}

/** A change that waits in a table. */
export const operationColumns: readonly Column<OperationRow>[] = [
  { title: 'ID', of: ({ id }) => id.slice(0, 2 + SHOWN_DIGITS) },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'READY', of: ({ ready }) => ready },
  { title: 'EXPIRES', of: ({ expires }) => expires },
  { title: 'BY', of: ({ by }) => by },
  { title: 'WHAT', of: ({ what }) => what },
];
