import type { Account } from './account.ts';

/** Signs `message` with EIP-191's prefix as one account; answers `0x`, r, s, v: 65 bytes, s in the lower half. */
export type SignMessage = (message: Uint8Array) => Promise<`0x${string}`>;

/** Tells whether an account made an EIP-191 signature (`0x`, r, s, v: 65 bytes) over a message. It never throws. */
export type IsSignedBy = (claim: {
  readonly account: Account;
  readonly message: Uint8Array;
  readonly signature: `0x${string}`;
}) => boolean;
