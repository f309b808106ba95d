import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { accountOfKey } from './account-of-key.ts';
import type { ProofCrypto } from './proof-crypto.ts';
import { isSealForm } from './seal-form.ts';

/** Runs everywhere: @noble's audited JavaScript; about 25 times slower than native code. */
export const nobleCrypto: ProofCrypto = {
  name: 'secp256k1 @noble, keccak256 @noble',
  keccak256: (bytes) => keccak_256(bytes),
  recover: (seal, hash) => {
    const publicKey = recoverKey(seal, hash);
    return publicKey && accountOfKey(publicKey, nobleCrypto.keccak256);
  },
};

/** The uncompressed public key (65 bytes) that made a seal, by @noble; undefined as `ProofCrypto.recover` says. */
export function recoverKey(seal: Uint8Array, hash: Uint8Array): Uint8Array | undefined {
  if (!isSealForm(seal) || hash.length !== 32) return undefined;
  try {
    const signature = secp256k1.Signature.fromBytes(seal.subarray(0, 64), 'compact');
    return signature
      .addRecoveryBit(seal[64] ?? 0)
      .recoverPublicKey(hash)
      .toBytes(false);
  } catch {
    // r is no point's, or the point would be at infinity: no key made this.
    return undefined;
  }
}
