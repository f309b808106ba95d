import type { ResourceId } from '../../core/ids.ts';
import type { Sublevel } from '../../platform/store/open-store.ts';
import { placeOf, readingPrefix } from './reading-keys.ts';

// Bounds the work of one commit; the rest goes with the next.
const MAX_VICTIMS = 20_000;

/** Which stored readings of a resource must go. */
export interface VictimQuestion {
  readonly resource: ResourceId;
  readonly inputs: Iterable<string>;
  /** Of all inputs. */
  readonly newestPlace: string;
  /** Readings from before it have outlived their retention. */
  readonly cutoffMs: number;
  /** How many the store holds above its limit, what is about to be written included. */
  readonly surplus: number;
}

/** A stored reading to delete. */
export interface Victim {
  readonly input: string;
  readonly place: string;
}

interface PlaceRange {
  readonly from: string;
  /** Excluded. */
  readonly to: string;
  readonly limit: number;
}

/** Finds what a commit deletes: misdated (after the newest), expired, and the oldest of what is too many. */
export async function findVictims(level: Sublevel, question: VictimQuestion): Promise<readonly Victim[]> {
  const expiry = placeOf({ timeMs: Math.max(0, question.cutoffMs), sequence: 0 });
  const gone: Victim[] = [];
  const oldest: Victim[] = [];
  const mostOldest = Math.min(question.surplus, MAX_VICTIMS);
  // `+` sorts before every digit: nothing of ours stands between the newest place and this.
  const afterNewest = `${question.newestPlace}+`;
  const kept = expiry < afterNewest ? expiry : afterNewest;
  for (const input of question.inputs) {
    const scan = (range: PlaceRange) => scanPlaces({ level, resource: question.resource, input }, range);
    gone.push(...(await scan({ from: '', to: kept, limit: MAX_VICTIMS })));
    gone.push(...(await scan({ from: afterNewest, to: '~', limit: MAX_VICTIMS })));
    if (mostOldest > 0) oldest.push(...(await scan({ from: kept, to: afterNewest, limit: mostOldest })));
  }
  oldest.sort((first, second) => (first.place < second.place ? -1 : 1));
  return [...gone, ...oldest.slice(0, Math.max(0, mostOldest - gone.length))];
}

async function scanPlaces(
  { level, resource, input }: { level: Sublevel; resource: ResourceId; input: string },
  { from, to, limit }: PlaceRange,
): Promise<readonly Victim[]> {
  const prefix = readingPrefix({ resource, input });
  const keys = await level.keys({ gte: prefix + from, lt: prefix + to, limit }).all();
  return keys.map((key) => ({ input, place: key.slice(prefix.length) }));
}
