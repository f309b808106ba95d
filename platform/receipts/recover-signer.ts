import { verifyMessage } from 'ethers/hash';
import { hexlify } from 'ethers/utils';
import { parseAccount } from '../../core/account.ts';
import type { RecoverSigner } from '../../core/receipts/ports.ts';

/** Recovers who signed a message with EIP-191's prefix. */
export const recoverSigner: RecoverSigner = (message, signature) => {
  try {
    return parseAccount(verifyMessage(message, hexlify(signature)));
  } catch {
    // Not on the curve, or out of its order: nobody's signature.
    return undefined;
  }
};
