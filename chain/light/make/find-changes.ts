import type { Account } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import { MAX_CHANGES } from '../bundle/limits.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { parseQbftExtra, type QbftExtra, type ValidatorVote } from '../qbft/extra-data.ts';
import type { Header } from '../qbft/header.ts';
import { sameSet } from '../qbft/same-set.ts';
import type { QbftFinality } from '../qbft/verify-qbft.ts';
import { isVouchedFor } from './is-vouched-for.ts';

/** Where the headers come from: the one at a height of the node's own chain. */
export type HeaderAt = (height: bigint) => Promise<Header>;

interface Search {
  readonly headerAt: HeaderAt;
  readonly crypto: ProofCrypto;
  readonly epochLength: bigint;
}

/**
 * Finds the headers with which a device that trusts the anchor's validators comes to trust those of `head`: for each
 * change of the set the first header that lists the new one, where the old quorum is among its seals, and the votes that
 * decided it otherwise. About log2(blocks) headers are asked for each change, and the blocks of its votes.
 * @throws NOT_PROVED (the chain holds no such headers), what `headerAt` throws
 */
export async function findChanges(
  head: Header,
  { finality, headerAt, crypto }: { finality: QbftFinality; headerAt: HeaderAt; crypto: ProofCrypto },
): Promise<readonly Uint8Array[]> {
  const search = { headerAt, crypto, epochLength: BigInt(finality.epochLength) };
  const last = listedBy(head);
  const changes: Uint8Array[] = [];
  let trusted: readonly Account[] = finality.validators;
  let from = BigInt(finality.height);
  while (last.length > 0 && !sameSet(last, trusted)) {
    // A device takes no more, and a node that makes changes up is not asked about its whole chain.
    if (changes.length > MAX_CHANGES) throw noWay(head);
    const first = await firstOther({ trusted, from, to: head.height }, search);
    const extra = parseQbftExtra(first.extraData);
    const isVouched = isVouchedFor(first, { trusted, crypto });
    if (!isVouched) changes.push(...(await votesBefore(first, { extra, trusted, from }, search)));
    else if (first.height < head.height) changes.push(first.raw);
    trusted = extra.validators;
    // Where votes proved the set, the first header that lists it may cast one of those that change it next.
    from = isVouched ? first.height : first.height - 1n;
  }
  return changes;
}

function noWay({ height }: Header): DewproofError {
  return new DewproofError(
    'NOT_PROVED',
    `No ${MAX_CHANGES} headers lead from the anchor's validators to those of block ${height}; make a new anchor, or ask another node.`,
  );
}

function listedBy({ extraData }: Header): readonly Account[] {
  return parseQbftExtra(extraData).validators;
}

/** A header that lists another set and whose parent lists `trusted`: by bisection, since `from` lists it and `to` not. */
async function firstOther(
  { trusted, from, to }: { readonly trusted: readonly Account[]; readonly from: bigint; readonly to: bigint },
  { headerAt }: Search,
): Promise<Header> {
  let [same, other] = [from, to];
  while (other - same > 1n) {
    const middle = (same + other) / 2n;
    if (sameSet(listedBy(await headerAt(middle)), trusted)) same = middle;
    else other = middle;
  }
  return headerAt(other);
}

/** The latest votes, one of each voter, that made `first` list another set; oldest first. */
async function votesBefore(
  first: Header,
  { extra, trusted, from }: { extra: QbftExtra; trusted: readonly Account[]; from: bigint },
  { headerAt, epochLength }: Search,
): Promise<readonly Uint8Array[]> {
  const sought = differenceOf(trusted, { to: extra.validators });
  const votes = new Map<Account, Uint8Array>();
  const epoch = (first.height - 1n) / epochLength;
  for (let height = first.height - 1n; sought && height > from && height / epochLength === epoch; height -= 1n) {
    const header = await headerAt(height);
    const { vote } = parseQbftExtra(header.extraData);
    if (vote?.recipient !== sought.recipient || vote.adds !== sought.adds) continue;
    if (!votes.has(header.coinbase)) votes.set(header.coinbase, header.raw);
    if (votes.size * 2 > trusted.length) return [...votes.values()].reverse();
  }
  throw new DewproofError(
    'NOT_PROVED',
    `Block ${first.height} lists other validators, and neither seals nor votes prove why; make a new anchor.`,
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
