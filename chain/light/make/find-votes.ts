import type { Account } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import { parseQbftExtra, type ValidatorVote } from '../qbft/extra-data.ts';
import type { QbftHeader } from '../qbft/recover-sealers.ts';
import { sameSet } from '../qbft/same-set.ts';
import type { Polling } from '../qbft/tally-votes.ts';
import type { QbftFinality } from '../qbft/verify-qbft.ts';
import type { HeaderAt } from './find-changes.ts';

/** Which set the headers from a height on are known to list, until the next such height. */
export interface KnownSet {
  readonly from: bigint;
  readonly validators: readonly Account[];
}

interface Way {
  /** What a device makes of `changes`, the headers found so far. */
  readonly trusted: Polling;
  readonly changes: readonly QbftHeader[];
  readonly known: readonly KnownSet[];
  readonly finality: QbftFinality;
  readonly headerAt: HeaderAt;
}

/** What the walk back knows. */
interface Walk {
  readonly sought: ValidatorVote;
  /** Whom the block after the one it is at lists. */
  listed: readonly Account[];
  /** Whose earlier votes on the subject are void: they voted on it since, or left the set. */
  readonly settled: Set<Account>;
  /** Whose ballots a device counts. */
  readonly voters: Set<Account>;
}

/**
 * The headers whose votes, with those that a device counts already, made `first` list another set: the one that decided
 * it and the latest others, one of each voter, which may lie before earlier changes of the same epoch. The height of a
 * block instead, where that lists a set that the search passed over; undefined where the votes that it finds are too few.
 * @throws NOT_PROVED (no vote changes a set so), what `headerAt` throws
 */
export async function findVotes(
  first: QbftHeader,
  { trusted, changes, known, finality, headerAt }: Way,
): Promise<readonly QbftHeader[] | bigint | undefined> {
  const { validators } = trusted;
  const sought = differenceOf(validators, { to: first.extra.validators });
  if (!sought) throw noVotes(first);
  const [last, epochLength] = [first.header.height - 1n, BigInt(finality.epochLength)];
  const epoch = last / epochLength;
  const counted = trusted.ballots.filter((one) => one.recipient === sought.recipient && one.epoch === epoch);
  const voters = new Set(counted.map(({ voter }) => voter));
  const walk: Walk = { sought, listed: validators, settled: new Set(), voters };
  const onTheWay = new Set(changes.map(({ header }) => header.height));
  // What a device counts already must not be void by a set that the search passed over.
  const since = changes.find(({ header, extra }) => {
    const isOn = extra.vote?.recipient === sought.recipient && header.height / epochLength === epoch;
    return isOn && voters.has(header.coinbase);
  })?.header.height;
  const votes: QbftHeader[] = [];
  const isEnough = () => votes.length > 0 && voters.size * 2 > validators.length;
  for (let height = last; height > BigInt(finality.height) && height / epochLength === epoch; height -= 1n) {
    const header = await headerAt(height);
    const one = { header, extra: parseQbftExtra(header.extraData) };
    const expected = known.findLast(({ from }) => from <= height)?.validators ?? [];
    if (!sameSet(expected, one.extra.validators)) return height;
    if (isUsedUp(walk, one.extra.validators)) break;
    const place = { isOnTheWay: onTheWay.has(height), isLast: height === last };
    if (!isEnough() && isNeeded(walk, one, place)) votes.push(one);
    if (isEnough() && height <= (since ?? last)) return votes;
  }
  return isEnough() ? votes : undefined;
}

/** Whether the votes on the subject before this block were used up when it came in or went out; who else left is noted. */
function isUsedUp(walk: Walk, listed: readonly Account[]): boolean {
  const next = walk.listed;
  walk.listed = listed;
  for (const account of listed) if (!next.includes(account)) walk.settled.add(account);
  const { recipient } = walk.sought;
  return listed.includes(recipient) !== next.includes(recipient);
}

function isNeeded(
  { sought, settled, voters }: Walk,
  { header, extra }: QbftHeader,
  { isOnTheWay, isLast }: { readonly isOnTheWay: boolean; readonly isLast: boolean },
): boolean {
  const voter = header.coinbase;
  if (extra.vote?.recipient !== sought.recipient || settled.has(voter)) return false;
  settled.add(voter);
  if (isOnTheWay || extra.vote.adds !== sought.adds) return false;
  // Nothing is decided but when someone votes, be it for the second time.
  if (voters.has(voter) && !isLast) return false;
  voters.add(voter);
  return true;
}

function noVotes({ header }: QbftHeader): DewproofError {
  return new DewproofError(
    'NOT_PROVED',
    `Block ${header.height} lists other validators, and neither seals nor votes prove why; make a new anchor.`,
  );
}

function differenceOf(
  from: readonly Account[],
  { to }: { readonly to: readonly Account[] },
): ValidatorVote | undefined {
  const added = to.filter((account) => !from.includes(account));
  const removed = from.filter((account) => !to.includes(account));
  const [recipient] = [...added, ...removed];
  if (added.length + removed.length !== 1 || recipient === undefined) return undefined;
  return { recipient, adds: added.length === 1 };
}
