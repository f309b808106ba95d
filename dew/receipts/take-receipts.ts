import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode, type ErrorCode } from '../../core/errors.ts';
import { isSameLedger } from '../../core/ledger/is-same-ledger.ts';
import type { LedgerIdentity } from '../../core/ledger/records.ts';
import { receiptDigestOf, type Envelope } from '../../core/receipts/envelope.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import { verifyReceipt, type VerifiedReceipt } from '../../core/receipts/verify-receipt.ts';
import type { ReceiptsAnswer } from '../../core/wire/receipts.ts';
import type { ReceiptStore } from './receipt-store.ts';

const troubles: readonly ErrorCode[] = ['DISK_FULL', 'STORE_CORRUPT', 'INTERNAL'];

/** What taking receipts of one device needs; `identity` is the dew's own ledger. */
export interface TakeReceiptsDeps {
  readonly device: Account;
  readonly identity: LedgerIdentity;
  readonly store: ReceiptStore;
  readonly isSignedBy: IsSignedBy;
}

/** Takes what holds of a device's receipts and says of each of the others why not. @throws DISK_FULL, STORE_CORRUPT */
export async function takeReceipts(envelopes: readonly Envelope[], deps: TakeReceiptsDeps): Promise<ReceiptsAnswer> {
  const answer: ReceiptsAnswer = { taken: [], refused: [], anchoredTo: null };
  for (const envelope of envelopes) {
    const digest = receiptDigestOf(envelope);
    try {
      await deps.store.take(verifyOwn(verifyReceipt(envelope, deps), deps));
      answer.taken.push(digest);
    } catch (error) {
      // What is wrong here, and not with the receipt, is no verdict on it.
      if (!hasCode(error) || troubles.includes(error.code)) throw error;
      answer.refused.push({ digest, code: error.code });
    }
  }
  return { ...answer, anchoredTo: (await deps.store.anchoredTo(deps.device)) ?? null };
}

/** A device tells of itself alone, and of this ledger. @throws WRONG_DEVICE, WRONG_CHAIN */
function verifyOwn(verified: VerifiedReceipt, { device, identity }: TakeReceiptsDeps): VerifiedReceipt {
  const { receipt } = verified;
  if (receipt.device !== device) {
    throw new DewproofError(
      'WRONG_DEVICE',
      `${device} sent a receipt of ${receipt.device}; each device sends its own.`,
    );
  }
  if (isSameLedger([receipt.ledger, identity])) return verified;
  throw new DewproofError('WRONG_CHAIN', 'This receipt is of another ledger than this dew follows.');
}
