import { verifyMessage } from 'ethers/hash';
import type { IsSignedBy } from '../../core/rollout/verify-order.ts';

// 65 bytes that end in 27 or 28: ethers would also read shorter forms and other ends as the same signature.
const SIGNATURE = /^0x[0-9a-f]{128}1[bc]$/;

/** Recovers the signer of a message (EIP-191) and compares; what is no signature at all is nobody's. */
export const isSignedBy: IsSignedBy = ({ account, message, signature }) => {
  if (!SIGNATURE.test(signature)) return false;
  try {
    return verifyMessage(message, signature).toLowerCase() === account;
  } catch {
    return false;
  }
};
