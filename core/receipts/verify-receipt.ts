import type { Digest } from '../digest.ts';
import { DewproofError } from '../errors.ts';
import { PAYLOAD_TYPE, preAuthEncoding, receiptDigestOf, signatureOf, type Envelope } from './envelope.ts';
import type { IsSignedBy } from '../signatures.ts';
import type { Receipt } from './receipt.ts';
import { parseStatement } from './statement.ts';

declare const verified: unique symbol;
/** A receipt that its device signed; only `verifyReceipt` makes one. */
export type VerifiedReceipt = {
  readonly receipt: Receipt;
  readonly envelope: Envelope;
  readonly digest: Digest;
} & { readonly [verified]: 'receipt' };

/**
 * Verifies that the device which a receipt names signed it, whole. It does not check that the device is or was enrolled,
 * that what it says is true, or when it was signed: the ledger and an anchored root tell some of that.
 * @throws SCHEMA, ENDLESS_DATA, PROOF_INVALID (the signature), WRONG_DEVICE (signed by another than it names)
 */
export function verifyReceipt(
  envelope: Envelope,
  { isSignedBy }: { readonly isSignedBy: IsSignedBy },
): VerifiedReceipt {
  const payload = Buffer.from(envelope.payload, 'base64');
  const [{ keyid }] = envelope.signatures;
  // The signature first: only what somebody signed is parsed.
  const message = preAuthEncoding(PAYLOAD_TYPE, payload);
  if (!isSignedBy({ account: keyid, message, signature: signatureOf(envelope) })) {
    throw new DewproofError('PROOF_INVALID', `${keyid} did not sign this receipt as it is here.`);
  }
  const receipt = parseStatement(payload);
  if (receipt.device !== keyid) {
    throw new DewproofError('WRONG_DEVICE', `${keyid} signed a receipt in the name of ${receipt.device}.`);
  }
  return { receipt, envelope, digest: receiptDigestOf(envelope) } as VerifiedReceipt;
}
