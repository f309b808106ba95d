import type { Account } from '../../../core/account.ts';
import { hasCode } from '../../../core/errors.ts';
import { MAX_CHANGES } from '../bundle/limits.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { countHeader } from '../qbft/count-header.ts';
import { parseQbftExtra } from '../qbft/extra-data.ts';
import type { Header } from '../qbft/header.ts';
import type { QbftHeader } from '../qbft/recover-sealers.ts';
import { sameSet } from '../qbft/same-set.ts';
import type { Polling } from '../qbft/tally-votes.ts';
import type { QbftFinality } from '../qbft/verify-qbft.ts';
import { findVotes, type KnownSet } from './find-votes.ts';
import { isVouchedFor } from './is-vouched-for.ts';
import { noWay } from './no-way.ts';
import { scanChanges } from './scan-changes.ts';

/** Where the headers come from: the one at a height of the node's own chain. */
export type HeaderAt = (height: bigint) => Promise<Header>;

interface Search {
  readonly finality: QbftFinality;
  readonly headerAt: HeaderAt;
  readonly crypto: ProofCrypto;
  /** Blocks that list sets which bisection passed over, and in which a vote may stand. */
  readonly passed: bigint[];
}

/** More changes of the set, undone within an epoch in which votes carry on, than any operators make. */
const MAX_PASSED = 32;

/**
 * Finds the headers with which a device that trusts the anchor's validators comes to trust those of `head`: for each
 * change of the set the first header that lists the new one, where the old quorum is among its seals, and the votes that
 * decided it otherwise. About log2(blocks) headers are asked for each change, and the blocks of its votes; whole epochs
 * where that leads nowhere.
 * @throws NOT_PROVED (the chain holds no such headers), what `headerAt` throws
 */
export async function findChanges(
  head: Header,
  { finality, headerAt, crypto }: { finality: QbftFinality; headerAt: HeaderAt; crypto: ProofCrypto },
): Promise<readonly Uint8Array[]> {
  const found = await seekChanges(head, { finality, headerAt, crypto, passed: [] });
  if (!found) return scanChanges(head, { finality, headerAt, crypto });
  if (found.length > MAX_CHANGES) throw noWay(head);
  return found.map(({ header }) => header.raw);
}

/** The headers; undefined where the search gives up: of votes that were taken back it sees too little. */
async function seekChanges(head: Header, search: Search): Promise<readonly QbftHeader[] | undefined> {
  try {
    while (search.passed.length < MAX_PASSED) {
      const found = await tryFind(head, search);
      if (typeof found !== 'bigint') return found && isWhole(found, search.finality) ? found : undefined;
      search.passed.push(found);
    }
    return undefined;
  } catch (error) {
    // A device would refuse the headers that were found so far.
    if (hasCode(error, 'PROOF_INVALID')) return undefined;
    throw error;
  }
}

/** Whether a device counts all of them, and none of them for nothing. */
function isWhole(changes: readonly QbftHeader[], finality: QbftFinality): boolean {
  return !replay(changes, finality).ballots.some(({ isLone }) => isLone);
}

/** The headers, or a block that the way has to lead by, or neither. */
async function tryFind(head: Header, search: Search): Promise<readonly QbftHeader[] | bigint | undefined> {
  const { finality, crypto } = search;
  const last = listedBy(head);
  let changes: readonly QbftHeader[] = [];
  let trusted: Polling = { validators: finality.validators, ballots: [] };
  const known: KnownSet[] = [{ from: BigInt(finality.height), validators: finality.validators }];
  let from = BigInt(finality.height);
  while (last.length > 0 && !sameSet(last, trusted.validators)) {
    // A device takes no more, and a node that makes changes up is not asked about its whole chain.
    if (changes.length > MAX_CHANGES) throw noWay(head);
    const first = await firstOther({ trusted: trusted.validators, from, head }, search);
    const isVouched = isVouchedFor(first.header, { trusted: trusted.validators, crypto });
    if (isVouched && first.header.height === head.height) return changes;
    const votes = isVouched ? [first] : await findVotes(first, { trusted, changes, known, ...search });
    if (votes === undefined || typeof votes === 'bigint') return votes;
    changes = [...changes, ...votes].sort((one, other) => Number(one.header.height - other.header.height));
    trusted = replay(changes, finality);
    // Ballots that a device counts, but that sets in between which it is not shown made void.
    if (!(await isListed(trusted.validators, { first, isVouched, headerAt: search.headerAt }))) {
      return passedBefore(first, known, search);
    }
    known.push({ from: first.header.height, validators: first.extra.validators });
    // The vote of a header on the way may itself have decided something.
    known.push({ from: first.header.height + 1n, validators: trusted.validators });
    // Where votes proved the set, the first header that lists it may cast one of those that change it next.
    from = isVouched ? first.header.height : first.header.height - 1n;
  }
  return changes;
}

/** Whether that is what votes gave: the vote of a header on the way may have decided something, which the next lists. */
async function isListed(
  validators: readonly Account[],
  { first, isVouched, headerAt }: { first: QbftHeader; isVouched: boolean; headerAt: HeaderAt },
): Promise<boolean> {
  if (sameSet(validators, first.extra.validators)) return true;
  return isVouched && sameSet(validators, listedBy(await headerAt(first.header.height + 1n)));
}

/** A block of the epoch before `first` that lists another set than those known; undefined where none does. */
async function passedBefore(
  { header }: QbftHeader,
  known: readonly KnownSet[],
  { finality, headerAt }: Search,
): Promise<bigint | undefined> {
  const epochLength = BigInt(finality.epochLength);
  const epoch = (header.height - 1n) / epochLength;
  const isIn = (height: bigint) => height > BigInt(finality.height) && height / epochLength === epoch;
  for (let height = header.height - 1n; isIn(height); height -= 1n) {
    const expected = known.findLast(({ from }) => from <= height)?.validators ?? [];
    if (!sameSet(listedBy(await headerAt(height)), expected)) return height;
  }
  return undefined;
}

/** What a device makes of the headers: where a vote was put in before an earlier change, all count anew. */
function replay(changes: readonly QbftHeader[], { validators, epochLength }: QbftFinality): Polling {
  const rules = { epochLength: BigInt(epochLength) };
  return changes.reduce<Polling>((polling, change) => countHeader(polling, change, rules), { validators, ballots: [] });
}

function listedBy({ extraData }: Header): readonly Account[] {
  return parseQbftExtra(extraData).validators;
}

/** A header that lists another set and whose parent lists `trusted`: by bisection, since `from` lists it and the end not. */
async function firstOther(
  { trusted, from, head }: { readonly trusted: readonly Account[]; readonly from: bigint; readonly head: Header },
  { headerAt, passed }: Search,
): Promise<QbftHeader> {
  const lists = async (height: bigint) => sameSet(listedBy(await headerAt(height)), trusted);
  let [same, other] = [from, head.height];
  for (const height of passed) if (height > from && height < other && !(await lists(height))) other = height;
  while (other - same > 1n) {
    const middle = (same + other) / 2n;
    if (await lists(middle)) same = middle;
    else other = middle;
  }
  const header = await headerAt(other);
  return { header, extra: parseQbftExtra(header.extraData) };
}
