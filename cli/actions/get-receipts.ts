import { parseAccount } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { parseName } from '../../core/ids.ts';
import { askNode } from '../ledger/ask-node.ts';
import type { GlobalOptions } from '../options.ts';
import { warn } from '../output/messages.ts';
import { formatData, printRows } from '../output/print.ts';
import { fetchReceipts } from '../receipts/fetch-receipts.ts';
import { readFacts, type LedgerFacts } from '../receipts/ledger-facts.ts';
import { receiptColumns, receiptRow } from '../rows/receipt-rows.ts';
import { openCallSigner, openSession, openSessionAccount, type Session } from '../session.ts';

/**
 * Lists receipts that the home's dews have, of a resource (by name), a device (by account) or all: as rows, or as files
 * that `verify --receipt` takes.
 * @throws CONFIG, KEY_MISSING, WRONG_PASSWORD, NOT_FOUND where `word` picks nothing, what the last dew refused with
 */
export async function getReceipts(word: string | undefined, options: GlobalOptions): Promise<void> {
  const session = await openSession(options);
  const { dews } = session.home.config;
  if (dews.length === 0) throw new DewproofError('CONFIG', 'config.yaml names no dew to ask; add one under dews.');
  const signer = await openCallSigner(session, await openSessionAccount(session, options));
  let trouble: DewproofError | undefined;
  const { receipts, isAnswered } = await fetchReceipts({
    ...subjectOf(word),
    dews,
    signer,
    tenant: session.names.tenant,
    onTrouble: (error) => {
      trouble = error;
      warn(`${error.code}: ${error.message}`);
    },
  });
  if (!isAnswered && trouble !== undefined) throw trouble;
  if (word !== undefined && receipts.length === 0) {
    throw new DewproofError('NOT_FOUND', `No dew has receipts of ${word}; see \`dewproof get receipts\`.`);
  }
  if (options.output !== 'table') {
    process.stdout.write(
      await formatData(
        receipts.map(({ file }) => file),
        options.output,
      ),
    );
    return;
  }
  const facts = await factsWhereReachable(session);
  await printRows({ rows: receipts.map((one) => receiptRow(one, facts)), columns: receiptColumns, format: 'table' });
}

function subjectOf(word: string | undefined) {
  if (word === undefined) return { name: undefined, device: undefined };
  if (word.startsWith('0x')) return { name: undefined, device: parseAccount(word) };
  return { name: parseName(word), device: undefined };
}

async function factsWhereReachable({ anchor, home }: Session): Promise<LedgerFacts | undefined> {
  const { openEvmLedger } = await import('../../chain/evm/evm-ledger.ts');
  const ledger = await openEvmLedger({ anchor: askNode(anchor, home.config) });
  try {
    return await readFacts(ledger);
  } catch (error) {
    if (!hasCode(error, 'LEDGER_UNAVAILABLE', 'LEDGER_BEHIND')) throw error;
    warn(`whether receipts are anchored is not shown: ${error.message}`);
    return undefined;
  } finally {
    await ledger.close();
  }
}
