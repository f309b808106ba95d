import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import { parseDocument } from '../../core/document/parse-document.ts';
import type { StateFacts } from '../../core/state/verified-state.ts';
import { sleep } from '../../platform/sleep.ts';
import type { DewClient } from '../dew-client.ts';
import { documentOf } from '../install-configuration.ts';

const MAX_PEERS = 64;
// A profile that nobody has is not asked for at every turn.
const ASK_AGAIN_AFTER_MS = 3_600_000;

/** What finding a group's other edges needs. */
export interface GroupPeersOptions {
  readonly account: Account;
  readonly state: () => StateFacts | undefined;
  readonly content: DewClient['content'];
  readonly everyMs: number;
  /** A clock that is never set, in milliseconds. */
  readonly elapsedMs: () => number;
}

/** Other edges of the group, by the URLs in their approved profiles. */
export interface GroupPeers {
  readonly urls: () => readonly string[];
  readonly close: () => Promise<void>;
}

/**
 * Looks up where the group's other edges are: the ledger says which profile is whose, and a dew can hand over those bytes
 * or none. What a peer then says is checked as everybody's word is.
 */
export function findGroupPeers({ account, state, content, everyMs, elapsedMs }: GroupPeersOptions): GroupPeers {
  const life = new AbortController();
  const { signal } = life;
  const known = new Map<Digest, string | undefined>();
  const failedMs = new Map<Digest, number>();

  async function lookUp(profile: Digest): Promise<void> {
    if (elapsedMs() - (failedMs.get(profile) ?? -Infinity) < ASK_AGAIN_AFTER_MS) return;
    try {
      const { document } = parseDocument(await content(documentOf(profile), signal));
      known.set(profile, document.kind === 'DeviceProfile' ? document.spec.url : undefined);
    } catch {
      // Whatever a dew has in store: no answer of its may end the device.
      signal.throwIfAborted();
      failedMs.set(profile, elapsedMs());
    }
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      const profiles = profilesOfPeers(state(), account);
      for (const gone of [...known.keys()].filter((one) => !profiles.includes(one))) known.delete(gone);
      for (const profile of profiles) if (!known.has(profile)) await lookUp(profile);
      await sleep(everyMs, signal);
    }
  }

  const ended = follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    urls: () => [...new Set([...known.values()].flatMap((url) => url ?? []))],
    close: async () => {
      life.abort();
      await ended;
    },
  };
}

function profilesOfPeers(state: StateFacts | undefined, account: Account): readonly Digest[] {
  const own = state?.device(account);
  if (state === undefined || own === undefined) return [];
  return (state.facts?.() ?? [])
    .flatMap((fact) => (fact.kind === 'device' && fact.account !== account ? [state.device(fact.account)] : []))
    .filter((device) => device?.kind === 'edge' && device.status === 'active' && device.group === own.group)
    .flatMap((device) => device?.profile ?? [])
    .slice(0, MAX_PEERS);
}
