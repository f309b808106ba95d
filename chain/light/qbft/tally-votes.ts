import type { Account } from '../../../core/account.ts';
import { refuseProof } from '../refuse.ts';
import type { ValidatorVote } from './extra-data.ts';

/** A vote, who cast it and in which epoch. */
export interface Ballot extends ValidatorVote {
  readonly voter: Account;
  readonly epoch: bigint;
}

interface Polling {
  readonly validators: readonly Account[];
  readonly ballots: readonly Ballot[];
}

/**
 * Counts one more vote of a sealed header; once more than half of the set has voted alike in one epoch, the set
 * changes, ascending as headers list it, and counting begins anew (Besu's VoteTally). A proof carries the votes that
 * decide and no others. @throws PROOF_INVALID
 */
export function addVote({ validators, ballots }: Polling, ballot: Ballot): Polling {
  const { voter, recipient, adds, epoch } = ballot;
  if (!validators.includes(voter)) throw refuseProof('vote-stranger', `${voter} voted and is no validator`);
  if (adds === validators.includes(recipient)) throw refuseProof('vote-idle', 'a vote would change nothing');
  if (ballots.some((one) => one.voter === voter)) throw refuseProof('vote-twice', `${voter} voted twice`);
  if (ballots.some((one) => one.recipient !== recipient || one.adds !== adds)) {
    throw refuseProof('vote-other', 'votes on the way are on different things');
  }
  if (ballots.some((one) => one.epoch !== epoch)) throw refuseProof('vote-epoch', 'votes are of different epochs');
  const cast = [...ballots, ballot];
  if (cast.length * 2 <= validators.length) return { validators, ballots: cast };
  const changed = adds ? [...validators, recipient].sort() : validators.filter((one) => one !== recipient);
  if (changed.length === 0) throw refuseProof('vote-last', 'the last validator is voted out');
  return { validators: changed, ballots: [] };
}
