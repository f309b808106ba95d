import { DewproofError, hasCode } from '../../../core/errors.ts';
import type { ValidatorContract } from '../../../core/state/finality.ts';
import { MAX_CHANGES } from '../bundle/limits.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { beginTrust } from '../qbft/begin-trust.ts';
import { parseQbftExtra } from '../qbft/extra-data.ts';
import { followNamed } from '../qbft/follow-named.ts';
import type { TrustedValidators } from '../qbft/follow-validators.ts';
import type { Header } from '../qbft/header.ts';
import { sameSet } from '../qbft/same-set.ts';
import { verifySeals } from '../qbft/verify-seals.ts';
import type { QbftFinality } from '../qbft/verify-qbft.ts';
import type { HeaderAt } from './find-changes.ts';
import { isVouchedFor } from './is-vouched-for.ts';
import type { NamedSet } from './read-named-set.ts';

/** What the search asks a node for. */
export interface NamedSearch {
  readonly headerAt: HeaderAt;
  /** Whom the contract names in a header's state. @throws NOT_PROVED where the node has thrown that away */
  readonly namedIn: (asked: { readonly header: Header; readonly expected: number }) => Promise<NamedSet>;
  readonly crypto: ProofCrypto;
}

type Deps = NamedSearch & { readonly contract: ValidatorContract };

/** As many blocks of state as Besu keeps where nothing is said: beyond that there is nothing to look for. */
const LATE_BLOCKS = 512n;

/**
 * Finds what proves, to a device that trusts the anchor's validators, whom the contract has named since, until `head`.
 * `known` is what was found before, also where the node can't prove it any more. About log2(blocks) states are asked for
 * each change.
 * @throws NOT_PROVED (the node lacks the proof of a change), what the search's parts throw
 */
export async function findNamedChanges(
  head: Header,
  {
    finality,
    contract,
    known,
    ...search
  }: Deps & { readonly finality: QbftFinality; readonly known: readonly SetChange[] },
): Promise<readonly SetChange[]> {
  const deps = { ...search, contract };
  const changes: SetChange[] = [];
  let trusted = beginTrust(finality);
  const take = ({ change, then }: Step): void => {
    changes.push(change);
    trusted = then;
  };
  for (const change of known) {
    const step = tryStep(trusted, change, deps);
    if (step && step.then.height < head.height) take(step);
  }
  while (await isOther(head, trusted, deps)) {
    // A device takes no more, and a node that makes changes up is not asked about its whole chain.
    if (changes.length >= MAX_CHANGES) throw noWay(head);
    take(await nextStep(head, trusted, deps));
  }
  return changes;
}

/** A change that holds, and who is trusted after it. */
interface Step {
  readonly change: SetChange;
  readonly then: TrustedValidators;
}

function tryStep(trusted: TrustedValidators, change: SetChange, deps: Deps): Step | undefined {
  try {
    return { change, then: followNamed(trusted, change, deps) };
  } catch (error) {
    if (hasCode(error, 'PROOF_INVALID', 'QUORUM', 'WRONG_CHAIN')) return undefined;
    throw error;
  }
}

/** Whether others than the trusted seal `head`: whom the contract names in the state before it. */
async function isOther(head: Header, trusted: TrustedValidators, deps: Deps): Promise<boolean> {
  if (head.height - 1n <= trusted.height) return false;
  const named = await namedAt(head.height - 1n, trusted, deps);
  if (named) return !sameSet(named.validators, trusted.validators);
  if (isSealedBy(head, trusted, deps)) return false;
  throw noState(head.height - 1n);
}

/**
 * The first block that the node can still tell to name others, or a later one that the trusted set's quorum sealed too:
 * the block of the change itself always is one, but its state may be gone.
 */
async function nextStep(head: Header, trusted: TrustedValidators, deps: Deps): Promise<Step> {
  const first = await firstOther(head, trusted, deps);
  const end = first + LATE_BLOCKS < head.height ? first + LATE_BLOCKS : head.height;
  for (let height = first; height < end; height += 1n) {
    const header = await deps.headerAt(height);
    if (!isVouchedFor(header, { trusted: trusted.validators, crypto: deps.crypto })) continue;
    const named = await namedAt(height, trusted, deps);
    const step = named && tryStep(trusted, [header.raw, ...named.nodes], deps);
    if (step) return step;
  }
  throw noState(first);
}

/** By bisection: at `trusted.height` the trusted are named, before `head` others. A state that is gone tells nothing. */
async function firstOther(head: Header, trusted: TrustedValidators, deps: Deps): Promise<bigint> {
  let [same, other] = [trusted.height, head.height - 1n];
  while (other - same > 1n) {
    const middle = (same + other) / 2n;
    const named = await namedAt(middle, trusted, deps);
    if (!named || sameSet(named.validators, trusted.validators)) same = middle;
    else other = middle;
  }
  return other;
}

async function namedAt(
  height: bigint,
  { validators }: TrustedValidators,
  { headerAt, namedIn }: Deps,
): Promise<NamedSet | undefined> {
  try {
    return await namedIn({ header: await headerAt(height), expected: validators.length });
  } catch (error) {
    if (hasCode(error, 'NOT_PROVED')) return undefined;
    throw error;
  }
}

function isSealedBy(header: Header, { validators }: TrustedValidators, { crypto }: Deps): boolean {
  try {
    verifySeals({ header, extra: parseQbftExtra(header.extraData) }, { validators, crypto });
    return true;
  } catch (error) {
    if (hasCode(error, 'PROOF_INVALID', 'QUORUM')) return false;
    throw error;
  }
}

function noState(height: bigint): DewproofError {
  return new DewproofError(
    'NOT_PROVED',
    `By block ${height} the contract may name other validators, and the node has no state any more that proves since when; ask a node that keeps more, go on from an earlier bundle (--from), or make a new anchor.`,
  );
}

function noWay({ height }: Header): DewproofError {
  return new DewproofError(
    'NOT_PROVED',
    `More than ${MAX_CHANGES} changes lead from the anchor's validators to those of block ${height}; make a new anchor.`,
  );
}
