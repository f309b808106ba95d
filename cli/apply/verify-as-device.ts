import { randomBytes } from 'node:crypto';
import { createRpcStateSource, openRpcState } from '../../chain/light/rpc-state.ts';
import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import { verifyConfiguration, type VerifiedConfiguration } from '../../core/verify.ts';
import type { ReaderSession } from '../session.ts';
import { runtimes } from './verify-drafts.ts';

/** What is verified, for which device; `findProfile` answers a profile's bytes by its digest. */
export interface DeviceQuestion {
  readonly bytes: Uint8Array;
  readonly resource: ResourceId;
  readonly account: Account;
  readonly findProfile: (digest: Digest) => Promise<Uint8Array>;
}

/**
 * Verifies a configuration by the very steps that a device takes which sees it for the first time: a bundle of the
 * ledger's state, opened against the anchor, then core's verification.
 * @throws what `verifyConfiguration` throws, LEDGER_UNAVAILABLE, WRONG_CHAIN
 */
export async function verifyAsDevice(
  { bytes, resource, account, findProfile }: DeviceQuestion,
  session: ReaderSession,
): Promise<VerifiedConfiguration> {
  const state = await readDeviceState(account, session);
  const profile = state.device(account)?.profile;
  const profileBytes = profile === undefined ? undefined : await findProfile(profile);
  return verifyConfiguration({ bytes, resource, account, state, profileBytes, lastSeen: undefined, runtimes });
}

async function readDeviceState(account: Account, { ledger, anchor }: ReaderSession): Promise<VerifiedState> {
  // Nobody but us opens this bundle, and it is opened now.
  const sealKey = randomBytes(32);
  const source = createRpcStateSource({ ledger, account, sealKey });
  const stop = new AbortController();
  const { promise: trouble, reject: onTrouble } = Promise.withResolvers<never>();
  try {
    const bundles = source.watch({ known: undefined, signal: stop.signal, onTrouble })[Symbol.asyncIterator]();
    const first = await Promise.race([bundles.next(), trouble]);
    if (first.done !== true) return openRpcState(sealKey)(first.value, anchor, BigInt(Math.floor(Date.now() / 1000)));
    throw new DewproofError('LEDGER_UNAVAILABLE', 'The ledger told nothing of this device; try again.');
  } finally {
    stop.abort();
    await source.close();
  }
}
