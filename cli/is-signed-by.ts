import { loadProofCrypto } from '../chain/light/crypto/load-crypto.ts';
import { createIsSignedBy } from '../chain/light/crypto/is-signed-by.ts';

/** Tells whether an account signed a message, by the fastest implementation that this machine has. */
export const isSignedBy = createIsSignedBy(await loadProofCrypto());
