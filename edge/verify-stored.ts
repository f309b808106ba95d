import type { Account } from '../core/account.ts';
import { digestOf } from '../core/digest.ts';
import { DewproofError, hasCode, type ErrorCode } from '../core/errors.ts';
import type { ResourceId } from '../core/ids.ts';
import { verifyConfiguration } from '../core/verify.ts';
import { artifactsOf } from './install-configuration.ts';
import { targetOfCommitted } from './state/evidence.ts';
import type { StateKeeper } from './state/state-keeper.ts';
import type { DeviceMemory } from './store/device-memory.ts';
import type { EdgeStore } from './store/edge-store.ts';
import { loadMemory } from './store/load-memory.ts';
import type { StoredCommitted } from './store/stored-records.ts';

/** What was verified again, and what was found; `about` is `tenant/name` of a resource, `ledger` or a record's key. */
export interface StoredReport {
  readonly checked: number;
  readonly refusals: readonly { readonly about: string; readonly code: ErrorCode; readonly message: string }[];
}

/** What a look at the disk needs. */
export interface VerifyStoredDeps {
  readonly store: EdgeStore;
  readonly memory: DeviceMemory;
  readonly keeper: StateKeeper;
  readonly account: Account;
  readonly runtimes: readonly string[];
}

/**
 * Verifies everything that a cold boot would start from, as the disk holds it now, without touching what runs.
 * Nothing is thrown but a store that can't be read at all. @throws STORE_CORRUPT
 */
export async function verifyStored(deps: VerifyStoredDeps): Promise<StoredReport> {
  const { damaged } = await loadMemory(deps.store);
  const checks = [
    ...damaged.map(({ key, error }) => ({ about: key, check: () => Promise.reject(error) })),
    { about: 'ledger', check: () => deps.keeper.readBack() },
    ...[...deps.memory.committed].map(([resource, committed]) => checkOf({ resource, committed }, deps)),
    ...[...deps.memory.rollouts].flatMap(([resource, { fallback }]) =>
      fallback === null ? [] : [checkOf({ resource, committed: fallback }, deps)],
    ),
  ];
  const refusals: { about: string; code: ErrorCode; message: string }[] = [];
  for (const { about, check } of checks) {
    try {
      await check();
    } catch (error) {
      if (!hasCode(error)) throw error;
      refusals.push({ about, code: error.code, message: error.message });
    }
  }
  return { checked: checks.length, refusals };
}

interface Kept {
  readonly resource: ResourceId;
  readonly committed: StoredCommitted;
}

function checkOf(kept: Kept, deps: VerifyStoredDeps) {
  const { tenant, name } = kept.committed;
  return { about: `${tenant}/${name}`, check: () => verifyCommitted(kept, deps) };
}

/**
 * Verifies that one committed version could start from what the disk holds.
 * @throws STORE_CORRUPT, and what verifyConfiguration and StateKeeper.groundsFor do
 */
export async function verifyCommitted(
  { resource, committed }: Kept,
  { store, keeper, account, runtimes }: Omit<VerifyStoredDeps, 'memory'>,
): Promise<void> {
  const target = targetOfCommitted(committed);
  const { state } = await keeper.groundsFor(target, resource);
  const bytes = await readBack(store, committed.digest);
  const profile =
    committed.profile === null ? undefined : await store.bytes({ in: 'contents', digest: committed.profile });
  const question = { resource, account, state, runtimes, lastSeen: target, bytes, profileBytes: profile };
  const { document } = verifyConfiguration(question);
  for (const { digest } of artifactsOf(document)) await readBack(store, digest);
}

async function readBack(store: EdgeStore, digest: StoredCommitted['digest']): Promise<Uint8Array> {
  const bytes = await store.bytes({ in: 'contents', digest });
  if (bytes === undefined) throw new DewproofError('STORE_CORRUPT', `The stored bytes of ${digest} are gone.`);
  if (digestOf(bytes) === digest) return bytes;
  throw new DewproofError('DIGEST_MISMATCH', `The stored bytes of ${digest} were changed.`);
}
