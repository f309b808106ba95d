import { canonicalBytes } from '../core/document/canonical.ts';
import type { VerifiedState } from '../core/state/verified-state.ts';
import { hasCode } from '../core/errors.ts';
import type { Host } from './hosts/host.ts';
import type { Rollouts } from './rollouts.ts';
import type { ReceiptSink } from './receipts/happening.ts';
import { happeningOf } from './receipts/happenings-of.ts';
import { startVerified, verifyResource, waitForRelease, type StartDeps, type Verified } from './start-resource.ts';
import { stopSlot } from './stop-slot.ts';
import type { Slot, Unit } from './unit.ts';
import { waitHealthy } from './watch-health.ts';

/** Which version of which resource. */
export interface Applied {
  readonly unit: Unit;
  readonly slot: Slot;
}

/**
 * What a transaction needs beside what a start does; `onFailure` hears of a version that fails after it took over,
 * `onTrouble` of one that does not stop as it should.
 */
export interface ApplyDeps extends StartDeps {
  readonly onFailure: (applied: Applied, error: Error) => void;
  readonly onTrouble: (applied: Applied, error: unknown) => void;
  readonly rollouts: Pick<Rollouts, 'changesAtCommit'>;
  readonly receipts: ReceiptSink;
}

/**
 * Applies one version of a resource as a transaction: verify, wait for what it requires, start beside the running
 * one, wait for health, commit (fsync), then switch. Whatever fails or aborts before the commit leaves the running
 * version untouched; a power cut leaves the old version before the commit and the new one after it.
 * A version that is committed already only starts again.
 */
export async function applyVersion(applied: Applied, deps: ApplyDeps): Promise<void> {
  const { unit, slot } = applied;
  const verified = await verifyObserved(applied, deps);
  if (isRunningAlready(applied, verified)) {
    await commit(applied, verified, deps);
    adopt(applied);
    return;
  }
  await waitForRelease(applied, verified, deps);
  let failedEarly: Error | undefined;
  const onFailure = (error: Error) => {
    if (slot.phase === 'running') deps.onFailure(applied, error);
    else failedEarly = error;
  };
  const host = await startVerified(applied, { ...verified, onFailure }, deps);
  try {
    if (unit.current !== slot) {
      await becomeHealthy(applied, { host, verified });
      if (failedEarly !== undefined) throw failedEarly;
      await commit(applied, verified, deps);
      await replaceCurrent(applied, { deps, state: verified.grounds.state });
    }
    slot.abort.signal.throwIfAborted();
    await host.takeOver();
    slot.abort.signal.throwIfAborted();
    if (failedEarly !== undefined) throw failedEarly;
  } catch (error) {
    await host.stop();
    throw error;
  }
  Object.assign(slot, {
    phase: 'running',
    host,
    runningSinceMs: performance.now(),
    waitsFor: [],
  } satisfies Partial<Slot>);
  deps.receipts.note(happeningOf(applied, { event: 'start', state: verified.grounds.state }));
}

/** As `verifyResource`, and tells how it went; a run that was superseded meanwhile went no way. */
async function verifyObserved(applied: Applied, deps: ApplyDeps): Promise<Verified> {
  const { tenant, name } = applied.unit;
  const of = { tenant, name, version: applied.slot.target.version };
  try {
    const verified = await verifyResource(applied, deps);
    deps.observer?.verified(of);
    return verified;
  } catch (error) {
    if (hasCode(error) && !applied.slot.abort.signal.aborted) deps.observer?.verified({ ...of, code: error.code });
    throw error;
  }
}

/** Only the profile's digest or a version's proof changed, not what runs: it goes on without a restart. */
function isRunningAlready({ unit }: Applied, { configuration }: Verified): boolean {
  const running = unit.current?.phase === 'running' ? unit.current.configuration : undefined;
  if (running?.digest !== configuration.digest) return false;
  return Buffer.compare(canonicalBytes(running.resolved), canonicalBytes(configuration.resolved)) === 0;
}

async function becomeHealthy({ slot }: Applied, { host, verified }: { host: Host; verified: Verified }): Promise<void> {
  const { health } = verified.configuration.document.spec;
  const onChange = (changed: Slot['health']) => {
    slot.health = changed;
  };
  await waitHealthy({ host, health, signal: slot.abort.signal, onChange });
}

/** The one step that makes a version the one to run after a power cut, its proof, and the way back in the same write. */
async function commit({ unit, slot }: Applied, { grounds }: Verified, deps: ApplyDeps): Promise<void> {
  slot.phase = 'committing';
  const { tenant, name, resource } = unit;
  const { version, digest, profile } = slot.target;
  const value = { tenant, name, version, digest, profile: profile ?? null, bundle: grounds.digest };
  // A newer bundle may have arrived since and swept this one away.
  const evidence = { kind: 'bytes', in: 'bundles', digest: grounds.digest, value: grounds.bundle } as const;
  await deps.memory.remember(() => [
    evidence,
    { kind: 'committed', resource, value },
    ...deps.rollouts.changesAtCommit(resource, slot.target),
  ]);
}

/** The old version stops before the new one takes over; one that does not is told of and left behind. */
async function replaceCurrent(
  { unit, slot }: Applied,
  { deps, state }: { deps: ApplyDeps; state: VerifiedState },
): Promise<void> {
  const previous = unit.current;
  unit.current = slot;
  if (unit.next === slot) unit.next = undefined;
  if (previous === undefined) return;
  const replaced = { unit, slot: previous };
  if (previous.phase === 'running') deps.receipts.note(happeningOf(replaced, { event: 'stop', state }));
  stopSlot(replaced, (error) => {
    deps.onTrouble(replaced, error);
  });
  await unit.stopping;
}

function adopt({ unit, slot }: Applied): void {
  if (unit.current !== undefined) unit.current.target = slot.target;
  if (unit.next === slot) unit.next = undefined;
}
