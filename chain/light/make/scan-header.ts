import type { Account } from '../../../core/account.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { QbftHeader } from '../qbft/recover-sealers.ts';
import { sameSet } from '../qbft/same-set.ts';
import { addPassingVote, holdBallots, lapseBallots, type Ballot, type Polling } from '../qbft/tally-votes.ts';
import { isVouchedFor } from './is-vouched-for.ts';

/** How far a reading of every header came. */
export interface Scan {
  /** The chain's tally: every ballot that counts in its next block. */
  readonly truth: Polling;
  /** What a device makes of the headers that it is shown for another reason than a vote: never more than counts. */
  readonly shown: Polling;
  /** The block of each ballot in `truth`; its header is not kept: a node can make up one with another vote for every block. */
  readonly castIn: WeakMap<Ballot, bigint>;
  /** What the last header's vote decided. */
  readonly decision: Decision | undefined;
  /** The blocks whose headers are to be shown, in any order. */
  readonly changes: readonly bigint[];
}

interface Decision {
  readonly by: bigint;
  readonly isShown: boolean;
  /** The ballots on its subject of everybody but who decided, before that. */
  readonly cast: readonly Ballot[];
  readonly known: readonly Ballot[];
}

/** Nothing is read yet. */
export function beginScan(validators: readonly Account[]): Scan {
  const polling = { validators, ballots: [] };
  return { truth: polling, shown: polling, castIn: new WeakMap(), decision: undefined, changes: [] };
}

/**
 * Goes by one more header, the next of the chain: what proves the set that it lists, and its vote. One that takes back a
 * ballot which a device counts is shown for that. Undefined where nothing proves the set.
 */
export function scanHeader(
  scan: Scan,
  one: QbftHeader,
  { epochLength, crypto }: { readonly epochLength: bigint; readonly crypto: ProofCrypto },
): Scan | undefined {
  const epoch = one.header.height / epochLength;
  const { validators } = one.extra;
  const proved = proveListed(scan, one, crypto);
  if (!proved) return undefined;
  // Whatever the tally says, those whom the header lists are the validators.
  const hold = ({ ballots }: Polling) => holdBallots({ validators, ballots: lapseBallots(ballots, epoch) });
  const isFirst = !sameSet(proved.shown.validators, validators);
  const held = {
    ...proved,
    truth: hold(scan.truth),
    shown: hold(proved.shown),
    changes: isFirst ? [...proved.changes, one.header.height] : proved.changes,
  };
  return countVote(held, one, { isShown: isFirst, epoch });
}

/** Adds the votes that gave the set which a header lists, where its seals do not prove it; undefined where none did. */
export function proveListed(scan: Scan, { header, extra }: QbftHeader, crypto: ProofCrypto): Scan | undefined {
  const { validators } = scan.shown;
  if (sameSet(validators, extra.validators)) return scan;
  if (isVouchedFor(header, { trusted: validators, crypto })) return scan;
  const { decision, castIn, changes } = scan;
  if (!decision || !sameSet(scan.truth.validators, extra.validators)) return undefined;
  const votes = decisiveVotes(decision, { size: validators.length, castIn });
  const shown = holdBallots({ validators: extra.validators, ballots: scan.shown.ballots });
  return { ...scan, shown, changes: [...changes, ...votes] };
}

/** The blocks of as many votes as decide with those that a device counts already, and no more. */
function decisiveVotes(
  { by, isShown, cast, known }: Decision,
  { size, castIn }: { readonly size: number; readonly castIn: Scan['castIn'] },
): readonly bigint[] {
  const missing = Math.max(0, Math.floor(size / 2) - known.length);
  const unknown = cast.filter(({ voter }) => !known.some((one) => one.voter === voter));
  const votes = unknown.slice(0, missing).flatMap((ballot) => castIn.get(ballot) ?? []);
  return isShown ? votes : [...votes, by];
}

function countVote(
  scan: Scan,
  { header, extra }: QbftHeader,
  { isShown, epoch }: { readonly isShown: boolean; readonly epoch: bigint },
): Scan {
  const { vote } = extra;
  const { height, coinbase: voter } = header;
  if (!vote) return { ...scan, decision: undefined };
  const ballot: Ballot = { ...vote, voter, epoch, isLone: false };
  scan.castIn.set(ballot, height);
  const truth = addPassingVote(scan.truth, ballot);
  const isOwn = ({ voter, recipient }: Ballot) => voter === ballot.voter && recipient === ballot.recipient;
  const takesBack = !isShown && isIdle(scan.truth, ballot) && scan.shown.ballots.some(isOwn);
  return {
    ...scan,
    truth,
    shown: isShown || takesBack ? addPassingVote(scan.shown, ballot) : scan.shown,
    decision: decisionOf(scan, { truth, by: height, ballot, isShown }),
    changes: takesBack ? [...scan.changes, height] : scan.changes,
  };
}

function isIdle({ validators }: Polling, { recipient, adds }: Ballot): boolean {
  return adds === validators.includes(recipient);
}

function decisionOf(
  before: Scan,
  {
    truth,
    by,
    ballot,
    isShown,
  }: Pick<Decision, 'by' | 'isShown'> & { readonly truth: Polling; readonly ballot: Ballot },
): Decision | undefined {
  if (truth.validators === before.truth.validators) return undefined;
  const isOther = ({ voter, recipient }: Ballot) => voter !== ballot.voter && recipient === ballot.recipient;
  return { by, isShown, cast: before.truth.ballots.filter(isOther), known: before.shown.ballots.filter(isOther) };
}
