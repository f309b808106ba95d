import type { Account } from '../../core/account.ts';
import { hasCode } from '../../core/errors.ts';
import type { ToldTime } from '../../core/state/ports.ts';
import type { Clock } from '../../platform/clock.ts';
import { RELEASED_AT_MS } from '../../platform/release-time.ts';
import { codedError } from '../coded-error.ts';
import type { Refusals } from '../refusals.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { EdgeStore } from '../store/edge-store.ts';
import { createDeviceClock, type ClockReading, type DeviceClock } from './device-clock.ts';
import { keepTime } from './keep-time.ts';
import { createStateKeeper, type StateKeeper } from './state-keeper.ts';
import type { TrustDeps } from './trusted.ts';

/** What a device believes of the ledger and of time is opened from. */
export interface BeliefOptions extends TrustDeps {
  readonly memory: DeviceMemory;
  readonly store: EdgeStore;
  readonly account: Account;
  /** The host's clock. */
  readonly clock: Clock;
  readonly refusals: Refusals;
  /** When the running release was made, in milliseconds; default this one. */
  readonly releasedAtMs?: number;
  /** Hears of every bundle that was accepted. */
  readonly onHeard: (bundle: Uint8Array) => void;
}

/** What a device believes: of the ledger, and of time, which each raise the other. */
export interface Belief {
  readonly keeper: StateKeeper;
  readonly clock: DeviceClock;
  /** When a bundle was last accepted with a newer word of the quorum, on the clock of `performance.now`; 0 before the first. */
  readonly heardMs: () => number;
  /** Takes the time that a quorum of witnesses told, and what `clock.read` said when they were asked. */
  confirm(told: ToldTime, asked: ClockReading): Promise<void>;
  /** Whether nobody told the time since the boot, a suspend or `doubt`. */
  lacksTime(): boolean;
  /**
   * Since when (`performance.now`) bundles are refused for being ahead of the device's time, which may have stood still:
   * undefined where none was since it was told or doubted.
   */
  readonly aheadSinceMs: () => number | undefined;
  /** Goes on as if nobody had told the time. */
  doubt(): void;
  /** Hears of each bundle that is refused for being ahead of the device's time. */
  onAhead(listener: () => void): void;
  readonly close: () => Promise<void>;
}

/** Goes on from what the device remembers; nothing is opened yet. */
export function openBelief(options: BeliefOptions): Belief {
  const { memory, refusals } = options;
  const clock = createDeviceClock({
    clock: options.clock,
    elapsedMs: () => performance.now(),
    releasedAtMs: options.releasedAtMs ?? RELEASED_AT_MS,
    reachedMs: toMs(memory.time?.reached ?? 0n),
  });
  const report = (error: unknown) => {
    const { code, message } = codedError(error, { code: 'INTERNAL', what: 'The device could not keep its time' });
    refusals.record({ about: 'store', code, message });
  };
  const time = keepTime({ clock, memory, onTrouble: report });
  const keeper = createStateKeeper({
    ...options,
    clock: clock.now,
    latest: () => BigInt(Math.floor((clock.latest() ?? 0) / 1000)),
    onDamage: report,
  });

  let heardMs = 0;
  let aheadSinceMs: number | undefined;
  let tellAhead: () => void = () => undefined;

  /** Where a quorum vouches for a time it is that one: a block's own may be what one node that made it says. */
  function raise(): void {
    const state = keeper.newest()?.state;
    if (state !== undefined) clock.raise(toMs(state.attestedAt ?? state.block.time));
  }

  function noticeAhead(error: unknown): never {
    if (hasCode(error, 'PROOF_INVALID') && error.details.check === 'time-ahead') {
      aheadSinceMs ??= performance.now();
      tellAhead();
    }
    throw error;
  }

  const lastWord = () => keeper.newest()?.state.attestedAt ?? -1n;

  const accept: StateKeeper['accept'] = async (bundle) => {
    const before = lastWord();
    const taken = await keeper.accept(bundle).catch(noticeAhead).finally(raise);
    // A server may hand over one block's bundles for ever, each a little different.
    if (lastWord() > before) heardMs = performance.now();
    options.onHeard(bundle);
    // Its time is on disk with the bundle itself: nothing else is written for it.
    return taken;
  };
  const restore: StateKeeper['restore'] = async () => {
    await keeper.restore();
    raise();
  };
  return {
    keeper: { ...keeper, accept, restore },
    clock,
    heardMs: () => heardMs,
    confirm: async ({ attestedAt, latestAt }, asked) => {
      clock.confirm({ leastMs: toMs(attestedAt), mostMs: toMs(latestAt) }, asked);
      aheadSinceMs = undefined;
      await time.keep();
    },
    lacksTime: () => clock.latest() === undefined,
    aheadSinceMs: () => aheadSinceMs,
    doubt: () => {
      clock.doubt();
      aheadSinceMs = undefined;
    },
    onAhead: (listener) => {
      tellAhead = listener;
    },
    close: () => time.close(),
  };
}

function toMs(seconds: bigint): number {
  return Number(seconds) * 1000;
}
