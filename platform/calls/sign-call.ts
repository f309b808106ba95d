import { signRequest } from '@slicekit/erc8128';
import type { Account } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import type { Clock } from '../clock.ts';
import { requestOfCall } from './request-of-call.ts';

const VALID_SECONDS = 60;
const HEADERS = ['signature-input', 'signature', 'content-digest'];

/** Who signs: `signMessage` answers the 65-byte EIP-191 signature of a message, `clock` is the signer's own time. */
export interface SigningAccount {
  readonly account: Account;
  readonly signMessage: (message: Uint8Array) => Promise<`0x${string}`>;
  readonly chainId: number;
  readonly clock?: Clock;
}

/** Makes a signer of calls: each signature covers method, authority, path, query and body, and counts once (ERC-8128). */
export function createCallSigner({ account, signMessage, chainId, clock = Date.now }: SigningAccount): CallSigner {
  return {
    account,
    sign: async (call) => {
      const signer = { address: account, chainId, signMessage };
      const created = Math.floor(clock() / 1000);
      // `recompute`: a content-digest header that the caller brought along is not believed.
      const options = { created, ttlSeconds: VALID_SECONDS, contentDigest: 'recompute' } as const;
      const { headers } = await signRequest(requestOfCall(call), signer, options);
      return Object.fromEntries([...headers].filter(([name]) => HEADERS.includes(name)));
    },
  };
}
