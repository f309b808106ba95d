import type { ValidatorContract } from '../../../core/state/finality.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { refuseProof } from '../refuse.ts';
import { pileNodes } from '../trie/node-pile.ts';
import { parseQbftExtra } from './extra-data.ts';
import type { TrustedValidators } from './follow-validators.ts';
import { parseHeader } from './header.ts';
import { readNamed } from './read-named.ts';
import { recoverSealers } from './recover-sealers.ts';
import { sameSet } from './same-set.ts';
import { verifyAfter } from './verify-after.ts';
import { verifyListless } from './verify-listless.ts';
import { verifyMembers, verifyQuorum } from './verify-seals.ts';

/**
 * Takes one more change on the way where a contract names the validators: a header that the trusted set's quorum sealed,
 * and the proof of whom the contract names in its state. Those seal what comes after it; a header's votes count for
 * nothing. It need not be the very block of the change, whose state a node may have thrown away: in a later one the new
 * set's members seal too, and may, as long as the old quorum is among the seals.
 * @throws PROOF_INVALID, QUORUM, WRONG_CHAIN (the contract has other code)
 */
export function followNamed(
  trusted: TrustedValidators,
  change: SetChange,
  { contract, crypto }: { readonly contract: ValidatorContract; readonly crypto: ProofCrypto },
): TrustedValidators {
  if (change instanceof Uint8Array)
    throw refuseProof('change-unproved', 'a header comes without whom the contract names');
  const [raw, ...nodes] = change;
  const header = parseHeader(raw);
  verifyAfter(trusted, header);
  const extra = parseQbftExtra(header.extraData);
  verifyListless(extra);
  const { validators } = trusted;
  const sealers = recoverSealers({ header, extra }, crypto);
  // Before its state is looked at: until then it is whatever the sender likes.
  verifyQuorum(sealers.filter((sealer) => validators.includes(sealer)).length, validators);
  const pile = pileNodes(nodes, crypto);
  const named = readNamed(pile, { stateRoot: header.stateRoot, contract, crypto });
  pile.finish();
  verifyMembers(sealers, [...validators, ...named]);
  if (sameSet(named, validators)) throw refuseProof('change-idle', 'a header on the way changes nothing');
  return { validators: named, height: header.height, time: header.time, ballots: [], isVoted: false };
}
