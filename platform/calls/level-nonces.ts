import type { NonceStore } from '../../core/calls.ts';
import { digestOf } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Clock } from '../clock.ts';
import { DURABLE, type Sublevel } from '../store/open-store.ts';
import { guardStore } from '../store/store-errors.ts';
import { createSettledClock } from './settled-clock.ts';

const PRUNE_EVERY_SECONDS = 60;
const PRUNE_FULL_EVERY_SECONDS = 1;
// Anyone can make keys and sign with them, so what they can make us keep is bounded: about 10 MB.
const MAX_NONCES = 100_000;

/**
 * Keeps nonces in `sublevel` (its whole keyspace) until they expire: a nonce is on disk before `consume` answers, so
 * a call replayed after a power cut is refused. Whoever can set the `clock` forward and back again has nothing forgotten by
 * it: what is over by it is kept until as much time has passed, and what might have been forgotten is not taken again.
 * `consume` throws DISK_FULL, STORE_CORRUPT.
 */
export function createLevelNonces(
  sublevel: Sublevel,
  clock: Clock,
  elapsedMs: () => number = () => performance.now(),
): NonceStore {
  const settled = createSettledClock(clock, elapsedMs);
  const underway = new Set<string>();
  let prunedAtMs: number | undefined;
  let forgottenUpTo = -Infinity;
  let kept = 0;

  async function makeRoom(): Promise<void> {
    const over = Math.floor(settled() / 1000);
    const everySeconds = kept < MAX_NONCES ? PRUNE_EVERY_SECONDS : PRUNE_FULL_EVERY_SECONDS;
    if (prunedAtMs === undefined || elapsedMs() - prunedAtMs >= everySeconds * 1000) {
      prunedAtMs = elapsedMs();
      const pruned = await prune(sublevel, over);
      forgottenUpTo = Math.max(forgottenUpTo, pruned.upTo);
      kept = pruned.left;
    }
    if (kept < MAX_NONCES) return;
    throw new DewproofError('DISK_FULL', 'Too many signed calls are remembered just now: try again in a minute.');
  }

  async function remember({ id, until }: { readonly id: string; readonly until: number }) {
    await makeRoom();
    const isKnown = (await sublevel.get(id)) !== undefined;
    if (isKnown || until <= forgottenUpTo) return false;
    await sublevel.put(id, String(until), DURABLE);
    kept += 1;
    return true;
  }

  return {
    consume: async (key, ttlSeconds) => {
      const id = digestOf(Buffer.from(key));
      // Between the read and the write of the first, a second one would still see nothing.
      if (underway.has(id)) return false;
      underway.add(id);
      const now = Math.floor(clock() / 1000);
      try {
        return await guardStore(() => remember({ id, until: now + ttlSeconds }));
      } finally {
        underway.delete(id);
      }
    },
  };
}

// A record that decayed on disk reads as NaN: it counts as not expired.
function isExpired(until: string, now: number): boolean {
  return Number(until) <= now;
}

/** Deletes what has expired; answers how many are left, and until when the last of the others counted. */
async function prune(sublevel: Sublevel, now: number): Promise<{ readonly left: number; readonly upTo: number }> {
  const gone: string[] = [];
  let [left, upTo] = [0, -Infinity];
  for await (const [id, until] of sublevel.iterator()) {
    if (!isExpired(until, now)) left += 1;
    else {
      gone.push(id);
      upTo = Math.max(upTo, Number(until));
    }
  }
  await sublevel.batch(gone.map((key) => ({ type: 'del', key })));
  return { left, upTo };
}
