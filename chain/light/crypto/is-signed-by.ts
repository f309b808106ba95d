import type { IsSignedBy } from '../../../core/signatures.ts';
import type { ProofCrypto } from './proof-crypto.ts';

const SIGNATURE = /^0x[0-9a-f]{128}1[bc]$/;
const ETHEREUM_V = 27;

/** Makes the check of who signed (EIP-191) of the same primitives as seals; it asks the same of a signature's form. */
export function createIsSignedBy({ keccak256, recover }: ProofCrypto): IsSignedBy {
  return ({ account, message, signature }) => {
    if (!SIGNATURE.test(signature)) return false;
    const seal = Buffer.from(signature.slice(2), 'hex');
    seal[64] = (seal[64] ?? 0) - ETHEREUM_V;
    return recover(seal, keccak256(personal(message))) === account;
  };
}

/** EIP-191, version 0x45: what tells a signed message from a transaction. */
function personal(message: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${message.length}`), message]);
}
