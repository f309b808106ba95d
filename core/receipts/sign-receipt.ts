import { PAYLOAD_TYPE, preAuthEncoding, receiptDigestOf, type Envelope } from './envelope.ts';
import type { SignMessage } from '../signatures.ts';
import type { Receipt } from './receipt.ts';
import { formatStatement } from './statement.ts';
import type { Digest } from '../digest.ts';

/** Signs a receipt as its device. @throws SCHEMA, what `sign` does */
export async function signReceipt(
  receipt: Receipt,
  sign: SignMessage,
): Promise<{ readonly envelope: Envelope; readonly digest: Digest }> {
  const payload = formatStatement(receipt);
  const signature = await sign(preAuthEncoding(PAYLOAD_TYPE, payload));
  const envelope: Envelope = {
    payload: Buffer.from(payload).toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: receipt.device, sig: Buffer.from(signature.slice(2), 'hex').toString('base64') }],
  };
  return { envelope, digest: receiptDigestOf(envelope) };
}
