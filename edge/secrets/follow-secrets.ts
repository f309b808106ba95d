import type { Account } from '../../core/account.ts';
import { hasCode } from '../../core/errors.ts';
import { resourceIdOf, type ResourceId } from '../../core/ids.ts';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';
import type { StateFacts } from '../../core/state/verified-state.ts';
import { MAX_OFFERED, type DeviceSecrets, type OfferedSecret } from '../../core/wire/secrets.ts';
import type { Backoff } from '../../platform/backoff.ts';
import { sleep } from '../../platform/sleep.ts';
import { codedError } from '../coded-error.ts';
import type { Refusals } from '../refusals.ts';
import type { AcceptedSecret } from './accepted-secrets.ts';
import { sealOn, verifyRecipient } from './seal-on.ts';
import type { Secrets, SecretsDeps } from './secrets.ts';
import type { SecretsClient } from './secrets-client.ts';

// However many hints come, a dew is asked no more often than this.
const LEAST_PAUSE_MS = 1000;

/** What following a device's secrets needs; `random` 0 up to but not including 1. */
export interface FollowSecretsDeps extends Pick<SecretsDeps, 'clientOf' | 'urls'> {
  readonly account: Account;
  readonly vault: SecretVault;
  readonly secrets: Secrets;
  readonly state: () => StateFacts | undefined;
  readonly refusals: Refusals;
  readonly backoff: Backoff;
  readonly random: () => number;
  readonly everyMs: number;
  /** A secret came that a resource waits for, or a newer version of one that it has. */
  readonly onArrived: (resource: ResourceId) => void;
}

/** Follows until closed. */
export interface SecretsFollower {
  /** Asks soon: somebody hinted that there is news. */
  readonly wake: () => void;
  close(): Promise<void>;
}

/**
 * Asks every dew at an interval, and sooner when woken, what there is to do with secrets: tells it this device's public
 * key, takes newer versions, seals on to devices that lack a copy, and gives back what the dew lost.
 */
export function followSecrets(deps: FollowSecretsDeps): SecretsFollower {
  const life = new AbortController();
  const { signal } = life;
  let woken = new AbortController();

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      woken = new AbortController();
      const isWell = await visitAll();
      const resting = AbortSignal.any([signal, woken.signal]);
      if (isWell) {
        deps.backoff.reset();
        await sleep(deps.everyMs * (0.8 + 0.4 * deps.random()), resting);
      } else await deps.backoff.wait(resting);
      await sleep(Math.min(LEAST_PAUSE_MS, deps.everyMs), signal);
    }
  }

  /** Tells whether any dew answered. */
  async function visitAll(): Promise<boolean> {
    let isWell = deps.urls.length === 0;
    for (const url of deps.urls) {
      const dew = deps.clientOf({ url, signal });
      isWell = (await attempt(url, async () => visit(await workAt(dew), { url, dew }))) || isWell;
    }
    return isWell;
  }

  /** That a dew is away, whoever asks it for assignments tells; one that knows of no secrets has nothing to do. */
  async function workAt(dew: SecretsClient): Promise<DeviceSecrets | undefined> {
    try {
      return await dew.work();
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND', 'DEW_UNAVAILABLE', 'SLOW_RETRIEVAL')) return undefined;
      throw error;
    }
  }

  async function visit(
    work: DeviceSecrets | undefined,
    { url, dew }: { url: string; dew: SecretsClient },
  ): Promise<void> {
    if (work === undefined) return;
    if (!work.isKeyKnown) await attempt(url, () => dew.tellKey(deps.vault.publicKey));
    // Without a state nothing else that a dew says can be checked.
    if (deps.state() === undefined) return;
    for (const offered of work.offered.filter(isNews)) await attempt(url, () => take(offered, dew));
    for (const wanted of work.wanted) {
      await attempt(url, async () => {
        const state = deps.state();
        if (state !== undefined) await sealOn(wanted, { deps: { ...deps, state }, dew });
      });
    }
    if (work.offered.length === MAX_OFFERED) return;
    for (const lost of deps.secrets.list().filter((accepted) => isLost(accepted, work))) {
      await attempt(url, () => giveBack(lost, dew));
    }
  }

  function isNews(offered: OfferedSecret): boolean {
    const version = deps.secrets.accepted(offered)?.record.version ?? 0;
    return deps.secrets.isNeeded(offered) && version < offered.version;
  }

  async function take(offered: OfferedSecret, dew: SecretsClient): Promise<void> {
    await deps.secrets.obtain(offered, dew);
    deps.onArrived(resourceIdOf({ tenant: offered.tenant, name: offered.resource }));
  }

  /** A dew that lost its disk would have the secret set again as a version that every device refuses. */
  function isLost({ record }: AcceptedSecret, { offered }: DeviceSecrets): boolean {
    const state = deps.state();
    const known = offered.find(
      ({ tenant, resource, name }) => tenant === record.tenant && resource === record.resource && name === record.name,
    );
    if (state === undefined || (known !== undefined && known.version >= record.version)) return false;
    try {
      verifyRecipient({ ...record, recipient: deps.account }, { account: deps.account, state });
      return true;
    } catch (error) {
      if (hasCode(error, 'FORBIDDEN')) return false;
      throw error;
    }
  }

  async function giveBack({ record, envelope }: AcceptedSecret, dew: SecretsClient): Promise<void> {
    const copies = envelope === null ? [] : [{ recipient: deps.account, envelope }];
    await dew.upload({ record, copies });
  }

  /** One thing that a dew asks for must not keep others from being done. */
  async function attempt(about: string, action: () => Promise<void>): Promise<boolean> {
    try {
      signal.throwIfAborted();
      await action();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const { code, message } = codedError(error, { code: 'INTERNAL', what: 'A secret could not be seen to' });
      deps.refusals.record({ about, code, message });
      return false;
    }
  }

  const ended = follow();
  return {
    wake: () => {
      woken.abort();
    },
    close: async () => {
      life.abort();
      await ended;
    },
  };
}
