import type { Account } from '../../../core/account.ts';
import { refuseProof } from '../refuse.ts';
import type { ValidatorVote } from './extra-data.ts';

/** A vote, who cast it and in which epoch. */
export interface Ballot extends ValidatorVote {
  readonly voter: Account;
  readonly epoch: bigint;
  /** Its header came for this vote alone, which must then decide something. */
  readonly isLone: boolean;
}

/** A set of validators, and what its members have voted that is not decided yet. */
export interface Polling {
  readonly validators: readonly Account[];
  readonly ballots: readonly Ballot[];
}

/**
 * Counts one more vote of a sealed header; once more than half of the set has voted alike on one subject in one epoch, the
 * set changes, ascending as headers list it. The ballots on that subject are then used up, and those of whoever was
 * removed void; all others go on counting (Besu's VoteTally, GoQuorum's Snapshot). A proof carries the votes that decide,
 * those that take back one which it shows, and no others. @throws PROOF_INVALID
 */
export function addVote(polling: Polling, ballot: Ballot): Polling {
  const { validators, ballots } = polling;
  const { voter, recipient, adds } = ballot;
  if (!validators.includes(voter)) throw refuseProof('vote-stranger', `${voter} voted and is no validator`);
  // So all ballots on one subject say the same: either it is a member, or it is not.
  if (adds === validators.includes(recipient)) return takeBack(polling, ballot);
  const others = ballots.filter((one) => one.recipient !== recipient);
  const on = ballots.filter((one) => one.recipient === recipient);
  const before = on.filter((one) => one.voter !== voter);
  const decides = isMajority(before.length + 1, validators);
  if (on.some((one) => one.voter === voter && isNeedless(one, { ballot, decides }))) {
    throw refuseProof('vote-twice', `${voter} voted twice`);
  }
  if (!decides) return { validators, ballots: [...others, ...before, ballot] };
  // Where the set shrank meanwhile, fewer votes are enough than were needed when they were cast.
  if (isMajority(before.length, validators) && before.some(({ isLone }) => isLone)) {
    throw refuseProof('vote-spare', 'more votes are shown than decide');
  }
  const changed = adds ? [...validators, recipient].sort() : validators.filter((one) => one !== recipient);
  if (changed.length === 0) throw refuseProof('vote-last', 'the last validator is voted out');
  return holdBallots({ validators: changed, ballots: others });
}

/** Counts the vote of a header that is on the way for the set that it lists: it may be any vote. @throws PROOF_INVALID */
export function addPassingVote(polling: Polling, ballot: Ballot): Polling {
  return polling.validators.includes(ballot.voter) ? addVote(polling, ballot) : polling;
}

/**
 * A vote against the voter's own ballot takes that back; a header may come for it where the ballot was in one that came
 * for its set, and would else count on. @throws PROOF_INVALID
 */
function takeBack({ validators, ballots }: Polling, { voter, recipient, isLone }: Ballot): Polling {
  const isOwn = (one: Ballot) => one.voter === voter && one.recipient === recipient;
  if (isLone && !ballots.some(isOwn)) throw refuseProof('vote-idle', 'a vote would change nothing');
  return { validators, ballots: keepWhere(ballots, (one) => !isOwn(one)) };
}

/** Leaves out what counts no more under a new set: ballots of who left it, and those that came true. @throws PROOF_INVALID */
export function holdBallots({ validators, ballots }: Polling): Polling {
  const holds = ({ voter, recipient, adds }: Ballot) =>
    validators.includes(voter) && adds !== validators.includes(recipient);
  return { validators, ballots: keepWhere(ballots, holds) };
}

/** Leaves out the ballots of earlier epochs. @throws PROOF_INVALID */
export function lapseBallots(ballots: readonly Ballot[], epoch: bigint): readonly Ballot[] {
  if (ballots.some((one) => one.isLone && one.epoch !== epoch)) {
    throw refuseProof('vote-epoch', 'votes are of different epochs');
  }
  return ballots.filter((one) => one.epoch === epoch);
}

/** A header that came for a ballot which is left out came for nothing. */
function keepWhere(ballots: readonly Ballot[], holds: (ballot: Ballot) => boolean): readonly Ballot[] {
  const kept = ballots.filter(holds);
  if (ballots.some((one) => one.isLone && !kept.includes(one))) {
    throw refuseProof('change-idle', 'a vote on the way decides nothing');
  }
  return kept;
}

/** A voter's second ballot on a subject: the first was shown in vain, or this one is, unless it decides. */
function isNeedless(
  first: Ballot,
  { ballot, decides }: { readonly ballot: Ballot; readonly decides: boolean },
): boolean {
  return first.isLone || (ballot.isLone && !decides);
}

function isMajority(votes: number, { length }: readonly Account[]): boolean {
  return votes * 2 > length;
}
