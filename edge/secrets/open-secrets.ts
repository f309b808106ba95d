import type { Account } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { createBackoff } from '../../platform/backoff.ts';
import type { Clock } from '../../platform/clock.ts';
import { sleep } from '../../platform/sleep.ts';
import { sublevelOf, type Store } from '../../platform/store/open-store.ts';
import type { Refusals } from '../refusals.ts';
import type { StateKeeper } from '../state/state-keeper.ts';
import { openAcceptedSecrets } from './accepted-secrets.ts';
import { followSecrets, type FollowSecretsDeps, type SecretsFollower } from './follow-secrets.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createSecretsClient } from './secrets-client.ts';

const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 60_000;

/** What a device's secrets are opened from; `random` 0 up to but not including 1. */
export interface OpenSecretsOptions {
  readonly account: Account;
  readonly anchor: Anchor;
  readonly database: Store;
  readonly keeper: StateKeeper;
  readonly vault: SecretVault;
  readonly isSignedBy: IsSignedBy;
  readonly signer: CallSigner;
  readonly urls: readonly string[];
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A device's secrets, and what keeps them new once the device is at work. */
export interface OpenedSecrets {
  readonly secrets: Secrets;
  readonly follow: (options: Pick<FollowSecretsDeps, 'everyMs' | 'onArrived'>) => SecretsFollower;
}

/** Opens what the device accepted so far; nobody is asked. @throws STORE_CORRUPT (the database itself) */
export async function openSecrets(options: OpenSecretsOptions): Promise<OpenedSecrets> {
  const { anchor, vault, signer, refusals, keeper, random } = options;
  const store = await openAcceptedSecrets(sublevelOf(options.database, 'secrets'), {
    vault,
    onDamage: ({ code, message }) => {
      refusals.record({ about: 'store', code, message });
    },
  });
  const { chain, genesis, registry } = anchor;
  const clientOf = (of: { url: string; signal: AbortSignal }) => createSecretsClient({ ...of, signer });
  const secrets = createSecrets({
    ...options,
    ledger: { chain, genesis, registry },
    store,
    clientOf,
    onRefusal: ({ url, error }) => {
      refusals.record({ about: url, code: error.code, message: error.message });
    },
  });
  return {
    secrets,
    follow: (following) =>
      followSecrets({
        ...options,
        ...following,
        secrets,
        clientOf,
        state: () => keeper.newest()?.state,
        backoff: createBackoff({ firstMs: RETRY_FIRST_MS, mostMs: RETRY_MOST_MS, random, sleep }),
      }),
  };
}
