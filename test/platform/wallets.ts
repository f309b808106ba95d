import { Wallet } from 'ethers/wallet';
import { parseAccount } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';
import { createCallSigner, type SigningAccount } from '../../platform/calls/sign-call.ts';
import type { Clock } from '../../platform/clock.ts';
import { openSecretVault } from '../../platform/secrets/open-vault.ts';

/** The chain that calls of the tests name. */
export const CHAIN_ID = 31337;

/** The test account of a number from 1 up; always the same key. */
export function walletOf(number: number): SigningAccount {
  const wallet = new Wallet(`0x${number.toString(16).padStart(64, '0')}`);
  return {
    account: parseAccount(wallet.address),
    signMessage: async (message) => (await wallet.signMessage(message)) as `0x${string}`,
    chainId: CHAIN_ID,
  };
}

/** What that account's key does for secrets. */
export function vaultOf(number: number): SecretVault {
  return openSecretVault({ privateKey: Buffer.from(number.toString(16).padStart(64, '0'), 'hex') });
}

/** A signer of calls for that account. */
export function signerOf(number: number, clock: Clock = Date.now): CallSigner {
  return createCallSigner({ ...walletOf(number), clock });
}
