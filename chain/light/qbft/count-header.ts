import { refuseProof } from '../refuse.ts';
import type { QbftHeader } from './recover-sealers.ts';
import { sameSet } from './same-set.ts';
import { addPassingVote, addVote, holdBallots, lapseBallots, type Ballot, type Polling } from './tally-votes.ts';

/** What a header on the way left behind. */
export interface Counted extends Polling {
  /** Votes alone gave this set; no header has listed it yet. */
  readonly isVoted: boolean;
}

/**
 * Counts a header on the way, whose seals hold: it lists the set, and its vote must decide something in the end; or it
 * lists another one, whose members keep their ballots, and its vote counts beside that. @throws PROOF_INVALID
 */
export function countHeader(
  polling: Polling,
  { header, extra }: QbftHeader,
  { epochLength }: { readonly epochLength: bigint },
): Counted {
  const { vote, validators: listed } = extra;
  const epoch = header.height / epochLength;
  const isLone = listed.length === 0 || sameSet(listed, polling.validators);
  // Where a contract names the validators nobody votes, and no later header would list what came of it.
  if (isLone && (!vote || listed.length === 0)) throw refuseProof('change-idle', 'a header on the way changes nothing');
  const held = holdBallots({ validators: listed, ballots: lapseBallots(polling.ballots, epoch) });
  if (!vote) return { ...held, isVoted: false };
  const ballot: Ballot = { ...vote, voter: header.coinbase, epoch, isLone };
  const { validators, ballots: cast } = isLone ? addVote(held, ballot) : addPassingVote(held, ballot);
  return { validators, ballots: cast, isVoted: validators !== held.validators };
}
