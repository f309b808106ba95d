import { SigningKey } from 'ethers/crypto';
import { hashMessage } from 'ethers/hash';
import { computeAddress } from 'ethers/transaction';
import { hexlify } from 'ethers/utils';
import { parseAccount, type Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';

/** An account whose key this process holds. */
export interface LocalAccount {
  readonly account: Account;
  /** 32 bytes; not enumerable, so that no log or JSON of a whole account shows them. */
  readonly privateKey: Uint8Array;
  /** Signs bytes with EIP-191's prefix; answers `0x`, r, s, v as 65 bytes. */
  signMessage(message: Uint8Array): Promise<`0x${string}`>;
}

/** Makes an account of its 32-byte secp256k1 private key. @throws SCHEMA */
export function openLocalAccount(privateKey: Uint8Array): LocalAccount {
  const key = parseKey(privateKey);
  const own = Uint8Array.from(privateKey); // the caller may wipe its copy
  const account = {
    account: parseAccount(computeAddress(key)),
    signMessage: (message: Uint8Array) => Promise.resolve(key.sign(hashMessage(message)).serialized as `0x${string}`),
  };
  return Object.defineProperty(account, 'privateKey', { value: own, enumerable: false }) as LocalAccount;
}

function parseKey(privateKey: Uint8Array): SigningKey {
  try {
    const key = new SigningKey(hexlify(privateKey));
    computeAddress(key); // zero and what lies past the curve's order are refused here
    return key;
  } catch {
    // Not as `cause`: the library's error quotes what it was given.
    throw new DewproofError('SCHEMA', 'A private key has 32 bytes and lies within the order of secp256k1.');
  }
}
