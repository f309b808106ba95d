import type { Account } from '../../../core/account.ts';
import type { ValidatorContract } from '../../../core/state/finality.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { refuseProof } from '../refuse.ts';
import { countHeader, type Counted } from './count-header.ts';
import { parseQbftExtra } from './extra-data.ts';
import { followNamed } from './follow-named.ts';
import { parseHeader, type Header } from './header.ts';
import type { QbftHeader } from './recover-sealers.ts';
import { sameSet } from './same-set.ts';
import { verifyAfter } from './verify-after.ts';
import { verifyQuorum, verifySeals } from './verify-seals.ts';

/** Which validators a device trusts, as of which block, and what was voted in the headers since. */
export interface TrustedValidators extends Counted {
  /** Where the last trusted header stands; undefined time where it is the anchor's. */
  readonly height: bigint;
  readonly time: bigint | undefined;
}

/** What the headers are held against. */
export interface FollowDeps {
  readonly crypto: ProofCrypto;
  /** Blocks after which outstanding votes lapse: the genesis file's `epochlength`. */
  readonly epochLength: bigint;
  /** Where a contract names the validators; undefined where headers list them. */
  readonly contract: ValidatorContract | undefined;
}

/**
 * Takes one more change on the way from the anchor to the head: it must add to the trust, by a vote, by listing a new
 * set or by proving whom the contract names, or it is refused as one too many. @throws PROOF_INVALID, QUORUM, WRONG_CHAIN
 */
export function followChange(trusted: TrustedValidators, change: SetChange, deps: FollowDeps): TrustedValidators {
  const { contract, crypto } = deps;
  if (contract) return followNamed(trusted, change, { contract, crypto });
  if (!(change instanceof Uint8Array)) throw refuseProof('change-nodes', 'trie nodes stand where headers list the set');
  return followListed(trusted, parseHeader(change), deps);
}

function followListed(trusted: TrustedValidators, header: Header, deps: FollowDeps): TrustedValidators {
  const sealed = { header, extra: parseQbftExtra(header.extraData) };
  followHeader(trusted, sealed, deps);
  return { ...countHeader(trusted, sealed, deps), height: header.height, time: header.time };
}

/** Holds the head against the trusted set; it may be the first that lists a new one. @throws PROOF_INVALID, QUORUM */
export function followHead(
  trusted: TrustedValidators,
  head: QbftHeader,
  deps: FollowDeps,
): { readonly validators: readonly Account[]; readonly sealers: readonly Account[] } {
  if (trusted.ballots.some(({ isLone }) => isLone)) throw refuseProof('change-idle', 'votes on the way decide nothing');
  return followHeader(trusted, head, deps);
}

function followHeader(
  trusted: TrustedValidators,
  sealed: QbftHeader,
  { crypto }: FollowDeps,
): { readonly validators: readonly Account[]; readonly sealers: readonly Account[] } {
  const { header, extra } = sealed;
  verifyAfter(trusted, header);
  const { validators } = trusted;
  const listed = extra.validators;
  // Votes may have been left out, by which the set never came to be: whoever seals must say that it did.
  if (listed.length === 0 && trusted.isVoted) throw refuseProof('set-unlisted', 'no header lists the set of the votes');
  // A header lists nobody where a contract names the validators; the trusted ones then seal it.
  if (listed.length === 0 || sameSet(listed, validators)) {
    return { validators, sealers: verifySeals(sealed, { validators, crypto }) };
  }
  // What it lists it says of itself: the old set's quorum must be among those who sealed it.
  const sealers = verifySeals(sealed, { validators: listed, crypto });
  verifyQuorum(sealers.filter((sealer) => validators.includes(sealer)).length, validators);
  return { validators: listed, sealers };
}
