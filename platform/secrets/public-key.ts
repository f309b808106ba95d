import { computeAddress } from 'ethers/transaction';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { PublicKey } from '../../core/secrets/secret-vault.ts';

/**
 * Verifies that a public key is an account's (its address is the end of the key's keccak-256), whoever passed it on.
 * @throws WRONG_DEVICE (another account's), SCHEMA (no point of the curve)
 */
export function verifyPublicKey(publicKey: PublicKey, { account }: { readonly account: Account }): void {
  if (addressOf(publicKey) === account) return;
  throw new DewproofError('WRONG_DEVICE', `This public key is not that of ${account}; do not trust who passed it on.`);
}

function addressOf(publicKey: PublicKey): string {
  try {
    return computeAddress(publicKey).toLowerCase();
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'A public key is no point of secp256k1.', { cause });
  }
}
