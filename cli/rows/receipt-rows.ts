import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Receipt, ReceiptEvent } from '../../core/receipts/receipt.ts';
import type { LedgerFacts } from '../receipts/ledger-facts.ts';
import type { FetchedReceipt } from '../receipts/fetch-receipts.ts';
import type { Column } from '../output/table.ts';

/** A receipt as a row; `anchored` is a block, `no`, or `?` where the ledger could not be asked. */
export interface ReceiptRow {
  readonly time: string;
  readonly device: Account;
  readonly sequence: number;
  readonly event: ReceiptEvent;
  readonly resource: string;
  readonly version: bigint | undefined;
  readonly code: ErrorCode | undefined;
  readonly count: number;
  readonly anchored: string;
  readonly receipt: Digest;
}

/** A receipt as a row; `facts` is undefined where the ledger could not be asked. */
export function receiptRow({ file, verified }: FetchedReceipt, facts: LedgerFacts | undefined): ReceiptRow {
  const { receipt, digest } = verified;
  const { device, sequence, event, document, code, count } = receipt;
  const { inclusion } = file;
  const anchored = inclusion === undefined ? undefined : facts?.anchored(inclusion.root);
  return {
    time: timeOf(receipt),
    device,
    sequence,
    event,
    resource: receipt.name,
    version: document?.version,
    code,
    count,
    anchored:
      inclusion !== undefined && facts === undefined ? '?' : anchored === undefined ? 'no' : `block ${anchored.block}`,
    receipt: digest,
  };
}

/** A receipt in a table. */
export const receiptColumns: readonly Column<ReceiptRow>[] = [
  { title: 'TIME', of: ({ time }) => time },
  { title: 'DEVICE', of: ({ device }) => device },
  { title: 'EVENT', of: ({ event }) => event },
  { title: 'RESOURCE', of: ({ resource }) => resource },
  { title: 'VERSION', of: ({ version }) => version?.toString() ?? '' },
  { title: 'WHY', of: ({ code, count }) => [code ?? '', ...(count > 1 ? [`x${count}`] : [])].join(' ') },
  { title: 'SEQUENCE', of: ({ sequence }) => sequence.toString() },
  { title: 'ANCHORED', of: ({ anchored }) => anchored },
];

const verbs = { start: 'started', stop: 'stopped', rollback: 'rolled back', refusal: 'refused' } as const;

/** What a receipt tells, in words. */
export function describeReceipt({ event, name, document, code, count }: Receipt): string {
  const version = document === undefined ? '' : ` ${document.version}`;
  const why = [code ?? '', ...(count > 1 ? [`${count} times`] : [])].filter((part) => part !== '').join(', ');
  return `${verbs[event]} ${name}${version}${why === '' ? '' : ` (${why})`}`;
}

/** When it happened, by the device's time, as ISO 8601 to the second. */
export function timeOf({ timeMs }: Receipt): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
