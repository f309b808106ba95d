import type { Account } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import { verifyReceiptFile, type ReceiptFile } from '../../core/receipts/receipt-file.ts';
import type { VerifiedReceipt } from '../../core/receipts/verify-receipt.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { MAX_LISTED_BYTES, parseReceiptsPage, type ReceiptsPage } from '../../core/wire/receipts.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { problemError } from '../dew/problem-error.ts';

const limits = { maxBytes: MAX_LISTED_BYTES, minBytesPerSecond: 1024, totalMs: 30_000 };
// A dew that says "there is more" without end is left alone after ten thousand receipts.
const MAX_PAGES = 100;

/** A receipt that a dew gave and that its device signed. */
export interface FetchedReceipt {
  readonly file: ReceiptFile;
  readonly verified: VerifiedReceipt;
}

/** Whose receipts, of which dews; `onTrouble` hears of dews that do not answer and of receipts that do not hold. */
export interface ReceiptsRequest {
  readonly dews: readonly string[];
  readonly signer: CallSigner;
  readonly tenant: Name;
  readonly name: Name | undefined;
  readonly device: Account | undefined;
  readonly onTrouble: (error: DewproofError) => void;
}

/** Asks all dews, each of which may lie; answers what holds, by device and sequence, and whether any dew answered. */
export async function fetchReceipts(
  request: ReceiptsRequest,
): Promise<{ readonly receipts: readonly FetchedReceipt[]; readonly isAnswered: boolean }> {
  const found = new Map<string, FetchedReceipt>();
  let isAnswered = false;
  for (const url of request.dews) {
    try {
      for await (const file of filesOf(url.replace(/\/+$/, ''), request)) take(file, url);
      isAnswered = true;
    } catch (error) {
      if (!hasCode(error)) throw error;
      request.onTrouble(error);
    }
  }

  function take(file: ReceiptFile, url: string): void {
    try {
      const verified = verifyReceiptFile(file, { isSignedBy });
      if (!isAskedFor(verified, request)) return;
      const known = found.get(verified.digest);
      // Of two dews, one may have it anchored and the other not.
      if (known?.file.inclusion === undefined) found.set(verified.digest, { file, verified });
    } catch (error) {
      if (!hasCode(error)) throw error;
      request.onTrouble(new DewproofError(error.code, `${url} gave a receipt that does not hold: ${error.message}`));
    }
  }

  const receipts = [...found.values()].toSorted(inOrder);
  return { receipts, isAnswered };
}

async function* filesOf(url: string, { name, tenant, device, signer }: ReceiptsRequest): AsyncGenerator<ReceiptFile> {
  let next: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const target = new URL('/v1/receipts', url);
    if (name !== undefined) target.searchParams.set('resource', `${tenant}/${name}`);
    if (device !== undefined) target.searchParams.set('device', device);
    if (next !== null) target.searchParams.set('next', next);
    const page: ReceiptsPage = await fetchPage(target, signer);
    yield* page.receipts;
    if (page.next === null) return;
    ({ next } = page);
  }
  throw new DewproofError('ENDLESS_DATA', `${url} has more receipts than are listed here; name a resource or device.`);
}

async function fetchPage(target: URL, signer: CallSigner): Promise<ReceiptsPage> {
  const response = await fetchCapped(target.href, { ...limits, signer });
  if (response.status !== 200) throw problemError(response, target.origin);
  return parseReceiptsPage(parseJsonBytes(response.body));
}

function isAskedFor({ receipt }: VerifiedReceipt, { tenant, name, device }: ReceiptsRequest): boolean {
  if (receipt.tenant !== tenant || (name !== undefined && receipt.name !== name)) return false;
  return device === undefined || receipt.device === device;
}

function inOrder({ verified: { receipt: first } }: FetchedReceipt, { verified: { receipt: second } }: FetchedReceipt) {
  return first.device === second.device ? first.sequence - second.sequence : first.device < second.device ? -1 : 1;
}
