import { verifyMessage } from 'ethers/hash';
import type { IsSignedBy } from '../../core/signatures.ts';

// 65 bytes that end in 27 or 28: ethers would also read shorter forms and other ends as the same signature.
const SIGNATURE = /^0x[0-9a-f]{128}1[bc]$/;

/** Tells whether an account signed a message (EIP-191); what is no signature at all is nobody's. */
export const isSignedBy: IsSignedBy = ({ account, message, signature }) => {
  if (!SIGNATURE.test(signature)) return false;
  try {
    return verifyMessage(message, signature).toLowerCase() === account;
  } catch {
    // Not on the curve, or out of its order: nobody's signature.
    return false;
  }
};
