import { parseAccount } from '../../core/account.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import type { GlobalOptions } from '../options.ts';
import { printRows } from '../output/print.ts';
import { concerns, eventColumns, eventRow, type EventRow, type HistorySubject } from '../rows/event-rows.ts';
import { withLedger, type ReaderSession } from '../session.ts';

/** Prints every event of a resource (by name) or an account, the oldest first. */
export async function history(word: string, options: GlobalOptions): Promise<void> {
  await withLedger(options, async (session) => {
    const rows = await readHistory(session, word);
    await printRows({ rows, columns: eventColumns, format: options.output });
  });
}

async function readHistory({ ledger, names }: ReaderSession, word: string): Promise<readonly EventRow[]> {
  const subject = subjectOf(word, names.tenant);
  if ('resource' in subject) names.learn('resource', word);
  const rows: EventRow[] = [];
  const { signal } = new AbortController();
  for await (const { events } of ledger.events({ after: undefined, follow: false, signal })) {
    rows.push(...events.filter((event) => concerns(event, subject)).map((event) => eventRow(event, names)));
  }
  return rows;
}

function subjectOf(word: string, tenant: Name): HistorySubject {
  if (word.startsWith('0x')) return { account: parseAccount(word) };
  return { resource: resourceIdOf({ tenant, name: word }) };
}
