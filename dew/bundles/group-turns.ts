import type { GroupId } from '../../core/ids.ts';
import { createBackoff, type Backoff } from '../../platform/backoff.ts';

/** What is done for each group, over and over. */
export interface GroupTurnsOptions {
  readonly groups: ReadonlySet<GroupId>;
  /** Whether there is something to do for it now. */
  readonly isDue: (group: GroupId) => boolean;
  readonly work: (group: GroupId) => Promise<void>;
  readonly onFailure: (group: GroupId, error: unknown) => void;
  /** A clock that is never set, in milliseconds. */
  readonly elapsedMs: () => number;
  /** 0 up to but not including 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Work for many groups, some of which may fail or be slow. */
export interface GroupTurns {
  /** Begins what is due, as far as there is room; the rest follows as that gets free. */
  readonly begin: () => void;
  /** Resolves once nothing is under way; after `signal` aborted nothing begins any more. */
  readonly ended: () => Promise<void>;
}

/** One group's proofs are parsed and hashed while the node makes those of another; more would have it do more at once. */
const MOST_AT_ONCE = 4;
/** As many of those places may be had by groups that failed or were slow: the others never wait for all of them. */
const MOST_BURDENS = 2;
const SLOW_MS = 2_000;
/** Each try may ask the node for all slots. */
const REST = { firstMs: 500, mostMs: 30_000 } as const;

interface Standing {
  readonly backoff: Backoff;
  restUntilMs: number;
  isBusy: boolean;
  /** Whether it failed or was slow the last time. */
  isBurden: boolean;
  lastTurn: number;
}

/** Has groups take turns: one that fails rests by itself, longer from time to time, and keeps no other from its turn. */
export function createGroupTurns({ groups, isDue, work, onFailure, signal, ...world }: GroupTurnsOptions): GroupTurns {
  const { elapsedMs } = world;
  const standings = new Map([...groups].map((group) => [group, createStanding(world)]));
  const underWay = new Set<Promise<void>>();
  let turns = 0;

  /** Of those that may have a place, the one whose last turn is longest ago. */
  const next = (): readonly [GroupId, Standing] | undefined => {
    const busy = [...standings.values()].filter((one) => one.isBusy);
    if (busy.length >= MOST_AT_ONCE) return undefined;
    const takesBurdens = busy.filter((one) => one.isBurden).length < MOST_BURDENS;
    const nowMs = elapsedMs();
    return [...standings]
      .filter(([, one]) => !one.isBusy && one.restUntilMs <= nowMs && (takesBurdens || !one.isBurden))
      .toSorted(([, one], [, other]) => one.lastTurn - other.lastTurn)
      .find(([group]) => isDue(group));
  };
  const run = async (group: GroupId, standing: Standing): Promise<void> => {
    const begunMs = elapsedMs();
    try {
      await work(group);
      standing.backoff.reset();
      standing.isBurden = elapsedMs() - begunMs > SLOW_MS;
    } catch (error) {
      if (signal.aborted) return;
      standing.isBurden = true;
      onFailure(group, error);
      await standing.backoff.wait(signal);
    } finally {
      standing.isBusy = false;
    }
  };
  const begin = (): void => {
    for (let chosen = next(); chosen !== undefined && !signal.aborted; chosen = next()) {
      const [group, standing] = chosen;
      standing.isBusy = true;
      standing.lastTurn = turns += 1;
      const running: Promise<void> = run(group, standing).finally(() => {
        underWay.delete(running);
        begin();
      });
      underWay.add(running);
    }
  };
  return {
    begin,
    ended: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function createStanding({ elapsedMs, random }: Pick<GroupTurnsOptions, 'elapsedMs' | 'random'>): Standing {
  // It does not hold its place while it rests: how long, is written down.
  const sleep = (ms: number): Promise<void> => {
    standing.restUntilMs = elapsedMs() + ms;
    return Promise.resolve();
  };
  const backoff = createBackoff({ ...REST, random, sleep });
  const standing: Standing = { backoff, restUntilMs: 0, isBusy: false, isBurden: false, lastTurn: 0 };
  return standing;
}
