import { createKeccak } from 'hash-wasm';
import type { ProofCrypto } from './proof-crypto.ts';

/**
 * Keccak-256 in WebAssembly. A module of its own, so that a bundler leaves out the dozens of other hashes beside it.
 * @throws (where this machine has no WebAssembly, or allows none)
 */
export async function createWasmKeccak(): Promise<ProofCrypto['keccak256']> {
  const hasher = await createKeccak(256);
  return (bytes) => hasher.init().update(bytes).digest('binary');
}
