import type { Account } from '../account.ts';

/** Signs `message` with EIP-191's prefix as the device's account; answers `0x`, r, s, v: 65 bytes, s in the lower half. */
export type SignMessage = (message: Uint8Array) => Promise<`0x${string}`>;

/** Whose EIP-191 signature (`0x`, r, s, v: 65 bytes) of `message` it is; undefined where it is nobody's. It never throws. */
export type RecoverSigner = (signed: {
  readonly message: Uint8Array;
  readonly signature: string;
}) => Account | undefined;
