import type { Account } from '../../../core/account.ts';
import type { ProofCrypto } from './proof-crypto.ts';

/** The account of an uncompressed public key (65 bytes, 0x04 first): the last 20 bytes of the hash of its point. */
export function accountOfKey(publicKey: Uint8Array, keccak256: ProofCrypto['keccak256']): Account {
  const hash = keccak256(publicKey.subarray(1));
  return `0x${Buffer.from(hash.buffer, hash.byteOffset + 12, 20).toString('hex')}`;
}
