import type { DewproofError } from '../../core/errors.ts';
import type { Refusals } from '../refusals.ts';

/** Who hears of peers that stay away, and for how long (milliseconds) they may. */
export interface PeerAbsenceOptions {
  readonly patienceMs: number;
  /** A clock that is never set, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly refusals: Pick<Refusals, 'record' | 'settle'>;
}

/** What one peer (`http://host:port`) did wrong; undefined where it answered. */
export interface PeerAnswer {
  readonly server: string;
  readonly error: DewproofError | undefined;
}

/** More than there are peers at a time: they come and go with the group's profiles. */
const MOST_REMEMBERED = 256;

/**
 * Makes what hears how peers answer. That one is away is told of only once it was for a while, and no more when it is
 * back: edges of a site start one after the other, and one that starts has nothing to tell yet. All else that one does
 * wrong is told of at once.
 */
export function watchPeerAbsence({
  patienceMs,
  elapsedMs,
  refusals,
}: PeerAbsenceOptions): (answer: PeerAnswer) => void {
  const awaySinceMs = new Map<string, number>();

  const isLongAway = (server: string): boolean => {
    const sinceMs = awaySinceMs.get(server);
    if (sinceMs !== undefined) return elapsedMs() - sinceMs >= patienceMs;
    awaySinceMs.set(server, elapsedMs());
    const [oldest] = awaySinceMs.keys();
    if (awaySinceMs.size > MOST_REMEMBERED && oldest !== undefined) awaySinceMs.delete(oldest);
    return false;
  };
  return ({ server, error }) => {
    if (error?.code === 'DEW_UNAVAILABLE') {
      if (isLongAway(server)) refusals.record({ about: server, code: error.code, message: error.message });
      return;
    }
    // Also one that answers amiss is there.
    if (awaySinceMs.delete(server)) refusals.settle({ about: server, code: 'DEW_UNAVAILABLE' });
    if (error !== undefined) refusals.record({ about: server, code: error.code, message: error.message });
  };
}
