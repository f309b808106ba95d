import { verifyMessage } from 'ethers/hash';
import { parseAccount } from '../../core/account.ts';
import type { RecoverSigner } from '../../core/receipts/ports.ts';

// 65 bytes that end in 27 or 28: ethers would also read shorter forms and other ends as the same signature.
const SIGNATURE = /^0x[0-9a-f]{128}1[bc]$/;

/** Recovers who signed a message with EIP-191's prefix; whoever says it was somebody compares. */
export const recoverSigner: RecoverSigner = ({ message, signature }) => {
  if (!SIGNATURE.test(signature)) return undefined;
  try {
    return parseAccount(verifyMessage(message, signature));
  } catch {
    // Not on the curve, or out of its order: nobody's signature.
    return undefined;
  }
};
