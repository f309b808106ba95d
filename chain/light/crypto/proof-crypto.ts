import type { Account } from '../../../core/account.ts';

/** The two primitives of a chain's proofs; every implementation gives the same verdict on every input. */
export interface ProofCrypto {
  /** Which implementations run, for people: `secp256k1 native, keccak256 WebAssembly`. */
  readonly name: string;
  /** Keccak-256 (32 bytes), as Ethereum has it (not SHA3-256). */
  readonly keccak256: (bytes: Uint8Array) => Uint8Array;
  /**
   * The account whose key made `seal` (r 32 ‖ s 32 ‖ v, 65 bytes) over `hash` (32 bytes); undefined where no key did,
   * or the seal is not in its one accepted form: v is 0 or 1, r and s lie in [1, n), s is low (at most n/2).
   */
  readonly recover: (seal: Uint8Array, hash: Uint8Array) => Account | undefined;
}
