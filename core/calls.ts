import type { Account } from './account.ts';

/** An HTTP request as its signature covers it; `body` is complete and already capped. */
export interface HttpCall {
  readonly method: string;
  /** Absolute, with the authority that the caller addressed. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** Signs calls as one account; returns the headers to add (RFC 9421, ERC-8128). */
export interface CallSigner {
  readonly account: Account;
  sign(call: HttpCall): Promise<Readonly<Record<string, string>>>;
}

/**
 * Tells who signed a call: an account, or undefined where it carries no signature at all.
 * @throws UNAUTHENTICATED (bad, expired or foreign signature), REPLAY (nonce seen before)
 */
export type VerifyCall = (call: HttpCall) => Promise<Account | undefined>;

/** Remembers nonces until they expire, across restarts. */
export interface NonceStore {
  /** True the first time `key` is seen within `ttlSeconds`, durably (fsync) before it answers. */
  consume(key: string, ttlSeconds: number): Promise<boolean>;
}
