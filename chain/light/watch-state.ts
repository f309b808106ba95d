import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { GroupId } from '../../core/ids.ts';
import type { EventBatch } from '../../core/ledger/events.ts';
import { isSameLedger } from '../../core/ledger/is-same-ledger.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { LedgerIdentity } from '../../core/ledger/records.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { movesInto, sliceState } from '../../core/ledger/slice.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { StateSource } from '../../core/state/ports.ts';
import { persist, type Persistence } from './persist.ts';
import { planYield, type Shown } from './plan-yield.ts';
import { NO_GROUP, readWhole } from './read-whole.ts';
import { openBundle, sealBundle } from './seal-bundle.ts';
import { digestOfContent, type DeviceState } from './state-json.ts';

/** Who watches what; `maxQuietMs` in milliseconds. */
export interface WatchDeps {
  readonly ledger: Ledger;
  readonly account: Account;
  readonly sealKey: Uint8Array;
  readonly maxQuietMs: number;
}

/** The port's `watch`: follows the ledger from `known` on and yields sealed bundles. */
export async function* watchState(
  deps: WatchDeps,
  request: Parameters<StateSource['watch']>[0] & { readonly closed: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const over = new AbortController();
  const signal = AbortSignal.any([request.signal, request.closed, over.signal]);
  const persistence: Persistence = { signal, onTrouble: request.onTrouble };
  try {
    const known = request.known && openKnown(deps, request.known);
    const identity = await persist(() => deps.ledger.identity(), persistence);
    if (known) verifySame(identity, known.identity);
    yield* watchFrom({ ...deps, identity, persistence }, known);
  } catch (error) {
    if (!isAborted(signal)) throw error;
  } finally {
    over.abort();
  }
}

interface Watch extends WatchDeps {
  readonly identity: LedgerIdentity;
  readonly persistence: Persistence;
}

/** What was read so far, and what of it was yielded. */
interface Progress {
  state: LedgerState;
  /** `digestOfContent` of the state: worked out with every change, not with every block. */
  content: Digest;
  shown: Shown | undefined;
  /** The height to read up to before anything is yielded: what is between is history by now. */
  target: bigint;
}

async function* watchFrom(watch: Watch, known: DeviceState | undefined): AsyncGenerator<Uint8Array> {
  const { ledger, account, persistence } = watch;
  const state = known?.state ?? (await readWhole(ledger, { account, last: undefined, ...persistence }));
  const content = contentOf(watch, state);
  const shown = known && { height: heightOf(state), content, atMs: -Infinity };
  const progress: Progress = { state, content, shown, target: 0n };
  while (!isAborted(persistence.signal)) {
    yield* watchGroup(watch, progress);
    // The device's group changed, and the slice knows nothing of the heads and devices of its new one, or another
    // device came into the group, of which the slice knows nothing either.
    progress.state = await readWhole(ledger, { account, last: progress.state.block, ...persistence });
    progress.content = contentOf(watch, progress.state);
  }
}

/** Follows until the device is of another group, or its group has a device more, or the watch is over. */
async function* watchGroup(watch: Watch, progress: Progress): AsyncGenerator<Uint8Array> {
  const { ledger, account, persistence } = watch;
  const group = groupOf(progress.state, account);
  const batches = ledger.events({ after: progress.state.block, follow: true, ...persistence })[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<EventBatch>> | undefined;
  while (!isAborted(persistence.signal)) {
    pending ??= quietly(batches.next());
    const next = await within(pending, { ms: dueInMs(watch, progress), signal: persistence.signal });
    if (next === 'due') {
      if (await isNewest(watch, progress)) yield show(watch, progress);
      continue;
    }
    if (next.done) return;
    pending = undefined;
    takeIn(watch, { progress, batch: next.value, group });
    const isComplete = !movesInto(next.value.events, { account, group });
    if (isComplete && groupOf(progress.state, account) === group) continue;
    await batches.return?.();
    return;
  }
}

function takeIn(
  watch: Watch,
  { progress, batch, group }: { readonly progress: Progress; readonly batch: EventBatch; readonly group: GroupId },
): void {
  progress.state = reduceBatch(progress.state, batch);
  if (batch.events.length === 0) return;
  progress.state = sliceState(progress.state, { account: watch.account, group });
  progress.content = contentOf(watch, progress.state);
}

function show({ identity, account, sealKey }: Watch, progress: Progress): Uint8Array {
  const { state, content } = progress;
  progress.shown = { height: heightOf(state), content, atMs: performance.now() };
  return sealBundle({ identity, account, state }, sealKey);
}

function dueInMs({ maxQuietMs }: Watch, { state, content, shown, target }: Progress): number {
  const height = heightOf(state);
  return height < target ? Infinity : planYield({ height, content }, { shown, nowMs: performance.now(), maxQuietMs });
}

/** After an outage the state passes through all that happened meanwhile; a device wants its end. */
async function isNewest({ ledger }: Watch, progress: Progress): Promise<boolean> {
  try {
    progress.target = (await ledger.head()).height;
    return progress.target <= heightOf(progress.state);
  } catch (error) {
    // What was read is still the newest there is; the reading itself reports the trouble.
    if (hasCode(error, 'LEDGER_UNAVAILABLE')) return true;
    throw error;
  }
}

async function within<T>(
  pending: Promise<T>,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<T | 'due'> {
  if (ms === Infinity) return await pending;
  const over = new AbortController();
  const due = sleep(ms, 'due' as const, { signal: AbortSignal.any([signal, over.signal]) });
  try {
    return await Promise.race([pending, quietly(due)]);
  } finally {
    over.abort();
  }
}

/** A promise that may fail while nobody waits for it; whoever then does still hears of it. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function openKnown({ account, sealKey }: WatchDeps, bundle: Uint8Array): DeviceState {
  const known = openBundle(bundle, sealKey);
  if (known.account === account) return known;
  throw new DewproofError('WRONG_DEVICE', `The known bundle is of ${known.account}, not of ${account}; remove it.`);
}

function verifySame(is: LedgerIdentity, known: LedgerIdentity): void {
  if (isSameLedger([is, known])) return;
  throw new DewproofError(
    'WRONG_CHAIN',
    'The ledger is not the one of the known bundle; check the anchor and the node.',
  );
}

function contentOf({ identity, account }: Watch, state: LedgerState): Digest {
  return digestOfContent({ identity, account, state });
}

function heightOf({ block }: LedgerState): bigint {
  return block?.height ?? 0n;
}

function groupOf(state: LedgerState, account: Account): GroupId {
  return state.devices.get(account)?.group ?? NO_GROUP;
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
