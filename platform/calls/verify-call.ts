import { verifyRequest, type VerifyMessageArgs, type VerifyResult } from '@slicekit/erc8128';
import { parseAccount } from '../../core/account.ts';
import type { HttpCall, NonceStore, VerifyCall } from '../../core/calls.ts';
import { DewproofError } from '../../core/errors.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import type { Clock } from '../clock.ts';
import { requestOfCall } from './request-of-call.ts';

/** The longest that a signature may be valid, in seconds. */
export const MAX_VALIDITY_SECONDS = 300;

// Longest header values that are parsed at all: a signature of ours has 88 + 8 characters, its input about 200.
const MAX_CHARACTERS = { 'signature-input': 1024, signature: 256, 'content-digest': 128 } as const;

/** What a verifier needs: `chainId` that signatures must name, `clockSkewSeconds` that a caller's clock may be off by. */
export interface CallVerifierOptions {
  readonly nonces: NonceStore;
  readonly isSignedBy: IsSignedBy;
  readonly clock: Clock;
  readonly chainId: number;
  readonly clockSkewSeconds?: number;
}

/**
 * Makes the check of who signed a call (ERC-8128 over RFC 9421, plain accounts only): the signature must cover
 * method, authority, path, query and body, and is accepted once.
 */
export function createCallVerifier(options: CallVerifierOptions): VerifyCall {
  return async (call) => {
    const headers = new Map(Object.entries(call.headers).map(([name, value]) => [name.toLowerCase(), value]));
    if (!headers.has('signature') && !headers.has('signature-input')) return undefined;
    verifyHeaderLengths(headers);
    const result = await verifySignature(call, options);
    if (!result.ok) throw refusal(result);
    if (result.chainId !== options.chainId) throw unauthenticated('it names another chain');
    return parseAccount(result.address);
  };
}

function verifyHeaderLengths(headers: ReadonlyMap<string, string>): void {
  for (const [name, most] of Object.entries(MAX_CHARACTERS)) {
    if ((headers.get(name)?.length ?? 0) > most) throw unauthenticated(`the ${name} header is too long`);
  }
}

async function verifySignature(call: HttpCall, options: CallVerifierOptions): Promise<VerifyResult> {
  const { clock, clockSkewSeconds = 30 } = options;
  const nonces = rememberFailure(options.nonces, clockSkewSeconds);
  const policy = {
    now: () => Math.floor(clock() / 1000),
    clockSkewSec: clockSkewSeconds,
    maxValiditySec: MAX_VALIDITY_SECONDS,
    replayable: false,
    maxSignatureVerifications: 1,
  };
  try {
    const request = requestOfCall(call);
    const verifyMessage = verifyPlainAccount(options);
    return await verifyRequest({ request, verifyMessage, nonceStore: nonces, policy });
  } catch (error) {
    throw unauthenticated('the request is malformed', error);
  } finally {
    // The library takes a failing store for a bad signature; a full disk must not look like an attack.
    nonces.throwFailure();
  }
}

function rememberFailure(nonces: NonceStore, skewSeconds: number) {
  let failure: { readonly error: unknown } | undefined;
  const consume = async (key: string, ttlSeconds: number) => {
    try {
      // The library forgets the skew here: a signature counts until `expires + skew`, so must its nonce.
      return await nonces.consume(key, ttlSeconds + skewSeconds + 1);
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  const throwFailure = () => {
    if (failure !== undefined) throw failure.error;
  };
  return { consume, throwFailure };
}

/** Of accounts alone: no contract is asked. */
function verifyPlainAccount({ isSignedBy }: Pick<CallVerifierOptions, 'isSignedBy'>) {
  return ({ address, message, signature }: VerifyMessageArgs): boolean =>
    isSignedBy({ account: address, message: Buffer.from(message.raw.slice(2), 'hex'), signature });
}

function refusal(result: VerifyResult & { ok: false }): DewproofError {
  if (result.reason !== 'replay') return unauthenticated(result.reason.replaceAll('_', ' '));
  return new DewproofError('REPLAY', 'This signed call was made before: sign each call anew.');
}

function unauthenticated(why: string, cause?: unknown): DewproofError {
  return new DewproofError('UNAUTHENTICATED', `The call's signature was refused (${why}): sign it anew.`, { cause });
}
