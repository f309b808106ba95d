import { DewproofError } from '../../core/errors.ts';
import { sleep } from '../../platform/sleep.ts';

/** Who asks for what. */
export interface Request<Key> {
  readonly key: Key;
  /** The network that asks. */
  readonly from: string;
  /** Whether it goes before those that are not. */
  readonly isFirst: boolean;
}

/** Work that is done one at a time for whoever waits for it. */
export interface FairLine<Key, Result> {
  /** Waits for a turn; who asks for what is waited for already shares it. @throws TOO_MANY, what the work throws */
  join(request: Request<Key>): Promise<Result>;
}

/** How long a line may get, counted apart for those that go first, and the pause after each piece of work. */
export interface LineLimits {
  readonly mostWaiting: number;
  readonly pauseMs: number;
}

interface Place<Key, Result> extends Request<Key> {
  /** Whose place it is: of all who wait for it, the network that has the fewest. */
  from: string;
  readonly done: PromiseWithResolvers<Result>;
}

/** Those that go first leave every fourth turn to the others: whoever asks for them without end would starve those. */
const TURNS_OF_ALL = 4;
const MOST_NETWORKS = 4_096;

/**
 * A line in which no network takes what others need: a full one takes another in at the cost of the network that has the
 * most places, and networks take turns. So strangers of one network fill it for themselves alone; with N networks, each
 * always finds an Nth of the places.
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

  const loadOf = ({ from, isFirst }: Omit<Request<Key>, 'key'>): number =>
    [...places.values()].filter((place) => place.from === from && place.isFirst === isFirst).length;

  const makeRoom = (request: Request<Key>): void => {
    const alike = [...places.values()].filter((place) => place.isFirst === request.isFirst);
    if (alike.length < mostWaiting) return;
    const most = Math.max(...alike.map(loadOf));
    // Of the network that has the most, who came last; the one at work is not waiting any more.
    const last = alike.findLast((place) => loadOf(place) === most && place !== busy);
    if (last === undefined || loadOf(request) + 1 >= most) throw tooMany();
    places.delete(last.key);
    last.done.reject(tooMany());
  };
  const nextPlace = (): Place<Key, Result> | undefined => {
    const waiting = [...places.values()];
    const goesFirst = turn % TURNS_OF_ALL !== TURNS_OF_ALL - 1;
    const chosen = waiting.filter(({ isFirst }) => isFirst === goesFirst);
    const longestAgo = ({ from }: Place<Key, Result>) => lastTurns.get(from) ?? -1;
    // Sorting keeps the order of arrival within a network.
    return (chosen.length > 0 ? chosen : waiting).toSorted((one, other) => longestAgo(one) - longestAgo(other))[0];
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
      // Whoever asks for what others need must not be able to take their place along with its own.
      if (known && loadOf({ ...known, from: request.from }) < loadOf(known)) known.from = request.from;
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
