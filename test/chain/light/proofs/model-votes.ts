import type { Account } from '../../../../core/account.ts';

/** Who is a member after a block, and which ballots count then: `voter recipient adds`, sorted. */
export interface Tally {
  readonly validators: readonly Account[];
  readonly ballots: readonly string[];
}

interface Cast {
  readonly voter: Account;
  readonly recipient: Account;
  readonly adds: boolean;
}

/**
 * A chain's tally, as plainly as Besu's VoteTally and GoQuorum's Snapshot have it: a set of voters for each subject. Of a
 * vote that would change nothing it does what GoQuorum does: it takes back what the voter said on that subject.
 */
export function modelVotes(
  begins: readonly Account[],
  epochLength: number,
): { readonly take: (height: number, cast: Cast | undefined) => void; readonly tally: () => Tally } {
  const members = new Set(begins);
  let voters = new Map<Account, Set<Account>>();
  const decide = ({ recipient, adds }: Cast): void => {
    voters.delete(recipient);
    if (adds) members.add(recipient);
    else members.delete(recipient);
    if (!adds) for (const on of voters.values()) on.delete(recipient);
  };
  return {
    take: (height, cast) => {
      if (height % epochLength === 0) voters = new Map();
      if (!cast) return;
      const on = voters.get(cast.recipient) ?? new Set();
      voters.set(cast.recipient, on);
      if (cast.adds === members.has(cast.recipient)) on.delete(cast.voter);
      else on.add(cast.voter);
      if (cast.adds !== members.has(cast.recipient) && on.size >= Math.floor(members.size / 2) + 1) decide(cast);
    },
    tally: () => ({
      validators: [...members].sort(),
      ballots: [...voters]
        .flatMap(([recipient, on]) => [...on].map((voter) => `${voter} ${recipient} ${!members.has(recipient)}`))
        .sort(),
    }),
  };
}
