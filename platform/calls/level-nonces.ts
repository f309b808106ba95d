import type { NonceStore } from '../../core/calls.ts';
import { digestOf } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Clock } from '../clock.ts';
import { DURABLE, type Sublevel } from '../store/open-store.ts';
import { guardStore } from '../store/store-errors.ts';

const PRUNE_EVERY_SECONDS = 60;
const PRUNE_FULL_EVERY_SECONDS = 1;
// Anyone can make keys and sign with them, so what they can make us keep is bounded: about 10 MB.
const MAX_NONCES = 100_000;

/**
 * Keeps nonces in `sublevel` (its whole keyspace) until they expire: a nonce is on disk before `consume` answers, so
 * a call replayed after a power cut is refused. `clock` should never go back: what it has pruned is forgotten.
 * `consume` throws DISK_FULL, STORE_CORRUPT.
 */
export function createLevelNonces(sublevel: Sublevel, clock: Clock): NonceStore {
  const underway = new Set<string>();
  let prunedAt: number | undefined;
  let kept = 0;

  async function makeRoom(now: number): Promise<void> {
    const every = kept < MAX_NONCES ? PRUNE_EVERY_SECONDS : PRUNE_FULL_EVERY_SECONDS;
    if (prunedAt === undefined || now - prunedAt >= every) {
      prunedAt = now;
      kept = await prune(sublevel, now);
    }
    if (kept < MAX_NONCES) return;
    throw new DewproofError('DISK_FULL', 'Too many signed calls are remembered just now: try again in a minute.');
  }

  async function remember(nonce: { readonly id: string; readonly now: number; readonly until: number }) {
    await makeRoom(nonce.now);
    const known = await sublevel.get(nonce.id);
    if (known !== undefined && !isExpired(known, nonce.now)) return false;
    await sublevel.put(nonce.id, String(nonce.until), DURABLE);
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
        return await guardStore(() => remember({ id, now, until: now + ttlSeconds }));
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

/** Deletes what has expired; answers how many are left. */
async function prune(sublevel: Sublevel, now: number): Promise<number> {
  const gone: string[] = [];
  let left = 0;
  for await (const [id, until] of sublevel.iterator()) {
    if (isExpired(until, now)) gone.push(id);
    else left += 1;
  }
  await sublevel.batch(gone.map((key) => ({ type: 'del', key })));
  return left;
}
