import { parseAccount } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import { askNames } from '../dew/ask-names.ts';
import { didYouMean } from '../home/did-you-mean.ts';
import type { GlobalOptions } from '../options.ts';
import { printRows } from '../output/print.ts';
import { findReceipts } from '../receipts/find-receipts.ts';
import { gatherFacts, type LedgerFacts } from '../receipts/ledger-facts.ts';
import {
  concerns,
  eventColumns,
  eventRow,
  receiptEventRow,
  type EventRow,
  type HistorySubject,
} from '../rows/event-rows.ts';
import { withLedger, type ReaderSession } from '../session.ts';

/**
 * Prints every event of a resource (by name) or an account, the oldest first, and between them, where a dew tells, what
 * devices did with it. @throws NOT_FOUND where nothing was ever recorded
 */
export async function history(word: string, options: GlobalOptions): Promise<void> {
  await withLedger(options, async (session) => {
    const { rows, facts } = await readHistory(session, word);
    const { name, device } = word.startsWith('0x')
      ? { name: undefined, device: parseAccount(word) }
      : { name: word, device: undefined };
    const receipts = await findReceipts({ name, device }, session, options);
    if (rows.length + receipts.length === 0) throw await nothingOf(word, session, options);
    const all = [...rows, ...receipts.map((one) => receiptEventRow(one, facts))];
    // Stable: what the ledger ordered stays so.
    const sorted = all.toSorted((first, second) => (first.time < second.time ? -1 : first.time > second.time ? 1 : 0));
    await printRows({ rows: sorted, columns: eventColumns, format: options.output });
  });
}

async function nothingOf(word: string, session: ReaderSession, options: GlobalOptions): Promise<DewproofError> {
  const isAccount = word.startsWith('0x');
  if (!isAccount) await askNames(session, options);
  const meant = isAccount ? '' : didYouMean(word, session.names.known('resource'));
  const list = isAccount ? 'devices' : 'resources';
  return new DewproofError('NOT_FOUND', `Nothing was ever recorded of ${word}.${meant} See \`dewproof get ${list}\`.`);
}

async function readHistory(
  { ledger, names }: ReaderSession,
  word: string,
): Promise<{ readonly rows: readonly EventRow[]; readonly facts: LedgerFacts }> {
  const subject = subjectOf(word, names.tenant);
  if ('resource' in subject) names.learn('resource', word);
  const { add, facts } = gatherFacts();
  const rows: EventRow[] = [];
  const { signal } = new AbortController();
  for await (const { events } of ledger.events({ after: undefined, follow: false, signal })) {
    events.forEach(add);
    rows.push(...events.filter((event) => concerns(event, subject)).map((event) => eventRow(event, names)));
  }
  return { rows, facts };
}

function subjectOf(word: string, tenant: Name): HistorySubject {
  if (word.startsWith('0x')) return { account: parseAccount(word) };
  return { resource: resourceIdOf({ tenant, name: word }) };
}
