import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import { isSameLedger } from '../../core/ledger/is-same-ledger.ts';
import type { ReceiptFile } from '../../core/receipts/receipt-file.ts';
import type { VerifiedReceipt } from '../../core/receipts/verify-receipt.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { AnchoredAt, LedgerFacts } from './ledger-facts.ts';

/**
 * Holds a receipt, its signature and proof verified already, against the ledger; answers where its batch is anchored,
 * undefined where the file has no proof.
 * @throws WRONG_CHAIN, NOT_ENROLLED (never a device), NOT_APPROVED (a start of what was never active), PROOF_INVALID (the
 * proof leads to a root that the ledger does not hold, or of another count)
 */
export function judgeReceipt(
  { receipt }: VerifiedReceipt,
  {
    inclusion,
    facts,
    anchor,
  }: Pick<ReceiptFile, 'inclusion'> & { readonly facts: LedgerFacts; readonly anchor: Anchor },
): AnchoredAt | undefined {
  verifyLedger(receipt.ledger, anchor);
  if (!facts.wasDevice(receipt.device)) {
    throw new DewproofError('NOT_ENROLLED', `${receipt.device} never was a device of this tenant.`);
  }
  const { document, event } = receipt;
  if (event === 'start' && !(document && facts.wasActive({ resource: resourceIdOf(receipt), ...document }))) {
    throw new DewproofError('NOT_APPROVED', 'The ledger never had this version active; ask what that device runs.');
  }
  if (inclusion === undefined) return undefined;
  const anchored = facts.anchored(inclusion.root);
  if (anchored?.count === inclusion.size) return anchored;
  throw new DewproofError('PROOF_INVALID', 'The ledger does not hold the root that its proof leads to.');
}

function verifyLedger(ledger: VerifiedReceipt['receipt']['ledger'], anchor: Anchor): void {
  if (isSameLedger([ledger, anchor])) return;
  throw new DewproofError(
    'WRONG_CHAIN',
    `It is of the ledger ${ledger.chain}, genesis ${ledger.genesis}, ${ledger.registry}, not of this home's; --offline checks it without.`,
  );
}
