import { createRequire } from 'node:module';
import { isSealForm } from './seal-form.ts';

/** The uncompressed public key (65 bytes) that made a seal; undefined as `ProofCrypto.recover` says. */
export type RecoverKey = (seal: Uint8Array, hash: Uint8Array) => Uint8Array | undefined;

interface Binding {
  ecdsaRecover(signature: Uint8Array, recoveryId: number, hash: Uint8Array, compressed: boolean): Uint8Array;
}

/**
 * Loads libsecp256k1's binding; undefined where this machine has none. The package's own entry is never loaded: it
 * would fall back to *elliptic* without a word.
 */
export function loadNativeRecover(): RecoverKey | undefined {
  const binding = loadBinding();
  if (!binding) return undefined;
  return (seal, hash) => {
    if (!isSealForm(seal) || hash.length !== 32) return undefined;
    try {
      return binding.ecdsaRecover(seal.subarray(0, 64), seal[64] ?? 0, hash, false);
    } catch {
      return undefined;
    }
  };
}

function loadBinding(): Binding | undefined {
  try {
    return createRequire(import.meta.url)('secp256k1/bindings.js') as Binding;
  } catch {
    // Not installed, or not built for this machine: the caller takes @noble and says so.
    return undefined;
  }
}
