import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import { DewproofError, hasCode, type ErrorCode } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { parseReceiptFile, verifyReceiptFile } from '../../core/receipts/receipt-file.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { isSignedBy } from '../is-signed-by.ts';
import type { VerifyOptions } from '../commands/verify.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { readStdin } from '../home/read-stdin.ts';
import { formatData, printRecord, printRows } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { judgeReceipt } from '../receipts/judge-receipt.ts';
import { readFacts, type LedgerFacts } from '../receipts/ledger-facts.ts';
import { describeReceipt, timeOf } from '../rows/receipt-rows.ts';
import { withLedger, type ReaderSession } from '../session.ts';

const limits = { maxBytes: 67_108_864, tooLarge: 'ENDLESS_DATA' } as const;

/** What became of one receipt; `unchecked` says what was not looked at. */
interface Verdict {
  readonly receipt: Digest | undefined;
  readonly device: Account | undefined;
  readonly what: string | undefined;
  readonly time: string | undefined;
  readonly verdict: 'verified' | 'refused';
  readonly code: ErrorCode | undefined;
  readonly why: string;
  readonly anchored: string | undefined;
  readonly unchecked: readonly string[];
}

/** What the ledger says, and whose it is; or why it was not asked. */
type Ground = (Pick<ReaderSession, 'anchor'> & { readonly facts: LedgerFacts }) | { readonly why: string };

/**
 * Verifies a receipt, or a list of them, from a file or stdin (`-`), and prints the verdict; exit code 77 where any is
 * refused. With no ledger in reach it says what it did not check.
 * @throws USAGE, NOT_FOUND (an empty list), ENDLESS_DATA, WRONG_CHAIN (the node serves another ledger than the home's)
 */
export async function verifyReceipts(file: string, options: VerifyOptions): Promise<void> {
  const bytes = file === '-' ? await readStdin(limits) : await readNamedFile(file, limits);
  const value = parseJsonBytes(bytes);
  const ground = await groundOf(options);
  const isList = Array.isArray(value);
  const verdicts = (isList ? value : [value]).map((one: unknown) => judge(one, ground));
  const [only] = verdicts;
  if (only === undefined) throw new DewproofError('NOT_FOUND', 'The list has no receipt in it; nothing was verified.');
  if (isList && options.output === 'table') await printRows({ rows: verdicts, columns, format: options.output });
  else if (isList) process.stdout.write(await formatData(verdicts, options.output === 'yaml' ? 'yaml' : 'json'));
  else await printRecord(only, options.output);
  if (verdicts.some(({ verdict }) => verdict === 'refused')) process.exitCode = exitCodes.refused;
}

const columns: readonly Column<Verdict>[] = [
  { title: 'VERDICT', of: ({ verdict }) => verdict },
  { title: 'CODE', of: ({ code }) => code ?? '' },
  { title: 'TIME', of: ({ time }) => time ?? '' },
  { title: 'DEVICE', of: ({ device }) => device ?? '' },
  { title: 'WHAT', of: ({ what }) => what ?? '' },
  { title: 'ANCHORED', of: ({ anchored }) => anchored ?? '' },
  { title: 'NOT CHECKED', of: ({ unchecked }) => unchecked.join('; ') },
];

function judge(value: unknown, ground: Ground): Verdict {
  let known: Pick<Verdict, 'receipt' | 'device' | 'what' | 'time'> = nothing;
  try {
    const file = parseReceiptFile(value);
    const verified = verifyReceiptFile(file, { isSignedBy });
    const { receipt, digest } = verified;
    known = { receipt: digest, device: receipt.device, what: describeReceipt(receipt), time: timeOf(receipt) };
    const hasProof = file.inclusion !== undefined;
    const held = { ...known, verdict: 'verified', code: undefined } as const;
    if ('why' in ground) {
      const unchecked = [
        `${hasProof ? 'whether its root is anchored, ' : ''}whether it was a device and the version approved: ${ground.why}`,
      ];
      const anchored = hasProof ? 'its proof leads to a root' : 'it carries no proof';
      return { ...held, why: `${receipt.device} signed it`, anchored, unchecked };
    }
    const anchored = judgeReceipt(verified, { ...ground, inclusion: file.inclusion });
    return {
      ...held,
      why: `${receipt.device}, a device of this tenant, signed it`,
      anchored:
        anchored === undefined ? 'not yet: it carries no proof' : `in block ${anchored.block}, ${anchored.transaction}`,
      unchecked: [],
    };
  } catch (error) {
    if (!hasCode(error)) throw error;
    return { ...known, verdict: 'refused', code: error.code, why: error.message, anchored: undefined, unchecked: [] };
  }
}

const nothing = { receipt: undefined, device: undefined, what: undefined, time: undefined };

async function groundOf(options: VerifyOptions): Promise<Ground> {
  if (options.offline === true) return { why: '--offline' };
  let ground: Ground = { why: 'the ledger was not asked' };
  try {
    await withLedger(options, async ({ anchor, ledger }) => {
      ground = { anchor, facts: await readFacts(ledger) };
    });
  } catch (error) {
    // No home or anchor here, or no node: the signature can be checked all the same.
    if (!hasCode(error, 'CONFIG', 'LEDGER_UNAVAILABLE', 'LEDGER_BEHIND')) throw error;
    ground = { why: `${error.code}: ${error.message}` };
  }
  return ground;
}
