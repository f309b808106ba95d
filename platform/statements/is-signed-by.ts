import type { IsSignedBy } from '../../core/rollout/verify-order.ts';
import { recoverSigner } from './recover-signer.ts';

/** Tells whether an account signed a message (EIP-191); what is no signature at all is nobody's. */
export const isSignedBy: IsSignedBy = ({ account, ...signed }) => recoverSigner(signed) === account;
