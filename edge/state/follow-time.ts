import { randomBytes } from 'node:crypto';
import type { Anchor, AnchorOf } from '../../core/state/anchor.ts';
import type { AskNonce } from '../../core/state/ports.ts';
import type { Anchors } from '../../platform/anchors/open-anchors.ts';
import { createBackoff } from '../../platform/backoff.ts';
import { sleep } from '../../platform/sleep.ts';
import { codedError } from '../coded-error.ts';
import type { Refusals } from '../refusals.ts';
import type { Belief } from './open-belief.ts';

const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 60_000;
const LOOK_EVERY_MS = 60_000;
// Whoever is ahead of what witnesses just told must not have them asked without end.
const ASK_AGAIN_AFTER_MS = 60_000;
// What a dew drips of old heads, each a little newer, looks like news to a device whose clocks all stood still.
const ASK_ANYWAY_AFTER_QUIETS = 4;

/** What following time needs. */
export interface FollowTimeDeps {
  readonly askNonce: AskNonce;
  /** The one in use; `missing` is the version of a newer one that was before: the time is nobody's to tell then. */
  readonly anchors: Pick<Anchors, 'current' | 'missing'>;
  readonly belief: Pick<Belief, 'confirm' | 'heardMs' | 'lacksTime' | 'aheadSinceMs' | 'doubt' | 'onAhead'> & {
    readonly clock: Pick<Belief['clock'], 'read'>;
  };
  readonly refusals: Refusals;
  /** What was refused for being ahead of the device's time may hold now. */
  readonly onTime: () => void;
  /** 0 up to but not including 1. */
  readonly random: () => number;
}

/** Follows until closed. */
export interface TimeFollower {
  /** Looks at once whether it is time to ask. */
  readonly wake: () => void;
  readonly close: () => Promise<void>;
}

/**
 * Asks the witnesses for the time once after a boot or a suspend, as soon as a bundle seems to be ahead of it, and whenever
 * nothing new was heard for an eighth of `staleAfter`, or they were not asked for half of it: time without power can't be
 * seen otherwise, nor that a dew goes on serving what it had. Where bundles seem to be ahead and no quorum answers for an
 * eighth, or no anchor in use has anybody to ask, the device rather doubts its time.
 */
export function followTime({ askNonce, anchors, belief, refusals, onTime, random }: FollowTimeDeps): TimeFollower {
  const life = new AbortController();
  const { signal } = life;
  const backoff = createBackoff({ firstMs: RETRY_FIRST_MS, mostMs: RETRY_MOST_MS, random, sleep });
  let askedMs: number | undefined;
  let askedAheadMs = -Infinity;
  let woken = new AbortController();
  belief.onAhead(() => {
    woken.abort();
  });

  const onRefusal: Parameters<AskNonce>[0]['onRefusal'] = ({ url, error: { code, message } }) => {
    refusals.record({ about: url, code, message });
  };

  async function ask(trusted: AnchorOf<'witnesses'>): Promise<boolean> {
    try {
      const nonce = `0x${randomBytes(32).toString('hex')}` as const;
      const asked = belief.clock.read();
      const told = await askNonce({ nonce, anchor: trusted, signal, onRefusal });
      // Whom it asked may have been replaced for stolen keys: a time that they wind forward would stay for good.
      if (anchors.current() !== trusted) return false;
      const isAhead = belief.aheadSinceMs() !== undefined;
      await belief.confirm(told, asked);
      askedMs = performance.now();
      if (isAhead) {
        askedAheadMs = askedMs;
        onTime();
      }
      backoff.reset();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const { code, message } = codedError(error, { code: 'INTERNAL', what: 'The witnesses could not be asked' });
      refusals.record({ about: 'witnesses', code, message });
      doubtAfter(quietMsOf(trusted));
      return false;
    }
  }

  /** A device whose clocks all stood still, and which reaches no witness, would refuse all true bundles for good. */
  function doubtAfter(quietMs: number): void {
    const sinceMs = belief.aheadSinceMs();
    if (sinceMs === undefined || performance.now() - sinceMs <= quietMs) return;
    belief.doubt();
    onTime();
  }

  function isDue(trusted: Anchor): boolean {
    if (askedMs === undefined || belief.lacksTime()) return true;
    if (belief.aheadSinceMs() !== undefined && performance.now() - askedAheadMs > ASK_AGAIN_AFTER_MS) return true;
    const sinceMs = performance.now() - askedMs;
    if (sinceMs > ASK_ANYWAY_AFTER_QUIETS * quietMsOf(trusted)) return true;
    return Math.min(sinceMs, performance.now() - belief.heardMs()) > quietMsOf(trusted);
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      woken = new AbortController();
      const trusted = anchors.current();
      // Witnesses of a former anchor told it.
      if (!isWitnessed(trusted)) doubtAfter(quietMsOf(trusted));
      const isToAsk = isWitnessed(trusted) && anchors.missing() === undefined && isDue(trusted);
      if (isToAsk && !(await ask(trusted))) await backoff.wait(signal);
      else await sleep(Math.min(LOOK_EVERY_MS, quietMsOf(trusted)), AbortSignal.any([signal, woken.signal]));
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

function quietMsOf({ staleAfter }: Anchor): number {
  return (staleAfter * 1000) / 8;
}

function isWitnessed(anchor: Anchor): anchor is AnchorOf<'witnesses'> {
  return anchor.finality.kind === 'witnesses';
}
