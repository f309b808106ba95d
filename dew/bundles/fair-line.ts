import { DewproofError } from '../../core/errors.ts';
import { sleep } from '../../platform/sleep.ts';

/** Whose turn comes first: a device that signs its calls from there, then who asks about any device, then strangers. */
export const ranks = ['itself', 'device', 'stranger'] as const;
/** One of `ranks`. */
export type Rank = (typeof ranks)[number];

/** Who asks for what. */
export interface Request<Key> {
  readonly key: Key;
  /** The network that asks. */
  readonly from: string;
  readonly rank: Rank;
}

/** Work that is done one at a time for whoever waits for it. */
export interface FairLine<Key, Result> {
  /** Waits for a turn; who asks for what is waited for already shares it. @throws TOO_MANY, what the work throws */
  join(request: Request<Key>): Promise<Result>;
}

/** How long a line may get, counted apart for each rank, and the pause after each piece of work. */
export interface LineLimits {
  readonly mostWaiting: number;
  readonly pauseMs: number;
}

interface Place<Key, Result> extends Request<Key> {
  /** Whose place it is: of all who wait for it, the first rank's, and of those the network that has the fewest. */
  from: string;
  rank: Rank;
  readonly done: PromiseWithResolvers<Result>;
}

/** Who goes before the others, turn by turn: whoever asks for the first without end would starve the last. */
const turnsOf: readonly Rank[] = ['itself', 'device', 'itself', 'stranger'];
const MOST_NETWORKS = 4_096;

/**
 * A line in which no network takes what others need: a full one takes another in at the cost of the network that has the
 * most places, and networks take turns. So strangers of one network fill it for themselves alone; with N networks, each
 * always finds an Nth of the places. Who has as many networks as there are places can fill those of a rank; nobody without
 * its key gets into a device's own.
 */
export function createFairLine<Key, Result>(
  work: (key: Key) => Promise<Result>,
  { mostWaiting, pauseMs, signal }: LineLimits & { readonly signal: AbortSignal },
): FairLine<Key, Result> {
  const places = new Map<Key, Place<Key, Result>>();
  const lastTurns = new Map<string, number>();
  let busy: Place<Key, Result> | undefined;
  let turn = 0;
  let running: Promise<void> | undefined;

  const placesOf = (rank: Rank) => [...places.values()].filter((place) => place.rank === rank);
  const loadOf = ({ from, rank }: Omit<Request<Key>, 'key'>): number =>
    placesOf(rank).filter((place) => place.from === from).length;

  const makeRoom = (request: Request<Key>): void => {
    const alike = placesOf(request.rank);
    if (alike.length < mostWaiting) return;
    const most = Math.max(...alike.map(loadOf));
    // Of the network that has the most, who came last; the one at work is not waiting any more.
    const last = alike.findLast((place) => loadOf(place) === most && place !== busy);
    if (last === undefined || loadOf(request) + 1 >= most) throw tooMany();
    places.delete(last.key);
    last.done.reject(tooMany());
  };
  /** Whoever asks for what others need must not be able to take their place along with its own. */
  const share = (known: Place<Key, Result>, { from, rank }: Request<Key>): void => {
    const isSooner = ranks.indexOf(rank) < ranks.indexOf(known.rank) && placesOf(rank).length < mostWaiting;
    if (isSooner) Object.assign(known, { from, rank });
    else if (rank === known.rank && loadOf({ from, rank }) < loadOf(known)) known.from = from;
  };
  const nextPlace = (): Place<Key, Result> | undefined => {
    const waiting = [...places.values()];
    const favoured = turnsOf[turn % turnsOf.length];
    const isThere = (rank: Rank | undefined) => waiting.some((place) => place.rank === rank);
    const chosen = isThere(favoured) ? favoured : ranks.find(isThere);
    const longestAgo = ({ from }: Place<Key, Result>) => lastTurns.get(from) ?? -1;
    // Sorting keeps the order of arrival within a network.
    const alike = waiting.filter(({ rank }) => rank === chosen);
    return alike.toSorted((one, other) => longestAgo(one) - longestAgo(other))[0];
  };
  const countTurn = (from: string): void => {
    lastTurns.delete(from);
    lastTurns.set(from, turn);
    const [oldest] = lastTurns.keys();
    if (lastTurns.size > MOST_NETWORKS && oldest !== undefined) lastTurns.delete(oldest);
    turn += 1;
  };
  const run = async (): Promise<void> => {
    for (let place = nextPlace(); place !== undefined; place = nextPlace()) {
      busy = place;
      countTurn(place.from);
      await work(place.key).then(place.done.resolve, place.done.reject);
      places.delete(place.key);
      busy = undefined;
      await sleep(pauseMs, signal);
    }
    running = undefined;
  };

  return {
    join: (request) => {
      const known = places.get(request.key);
      if (known) share(known, request);
      if (known) return known.done.promise;
      makeRoom(request);
      const place = { ...request, done: Promise.withResolvers<Result>() };
      // Who waited may have given up.
      place.done.promise.catch(() => undefined);
      places.set(request.key, place);
      running ??= run();
      return place.done.promise;
    },
  };
}

function tooMany(): DewproofError {
  return new DewproofError('TOO_MANY', 'Too many ask for bundles of accounts outside of this dew’s groups; ask later.');
}
