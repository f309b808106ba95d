import type { Receipt } from '../../../core/receipts/receipt.ts';
import { signReceipt } from '../../../core/receipts/sign-receipt.ts';
import { walletOf } from '../../platform/wallets.ts';

/** The number of the wallet that signs receipts of tests. */
export const RECEIPT_WALLET = 11;

/** A receipt of that wallet's device, as said and else of a start. */
export function receiptOf(changed: Partial<Receipt> = {}): Receipt {
  return {
    device: walletOf(RECEIPT_WALLET).account,
    sequence: 7,
    previous: `sha256:${'ab'.repeat(32)}`,
    timeMs: Date.parse('2026-11-27T06:00:00.123Z'),
    ledger: {
      chain: 'eip155:31337',
      genesis: `0x${'0e'.repeat(32)}`,
      registry: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
    },
    head: { height: 12n, hash: `0x${'cd'.repeat(32)}` },
    event: 'start',
    tenant: 'greenfields',
    name: 'barn-climate',
    document: { version: 3n, digest: `sha256:${'ef'.repeat(32)}` },
    code: undefined,
    count: 1,
    ...changed,
  };
}

/** Signs it with the wallet of a number. */
export function signed(receipt: Receipt, wallet = RECEIPT_WALLET) {
  return signReceipt(receipt, walletOf(wallet).signMessage);
}
