import type { Account } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { quorumOf } from '../../../core/state/quorum.ts';
import { refuseProof } from '../refuse.ts';
import { isSealedAsHashed, type QbftExtra } from './extra-data.ts';
import type { Header } from './header.ts';
import { sealedHash } from './header-hash.ts';

/** A header with its extraData parsed. */
export interface QbftHeader {
  readonly header: Header;
  readonly extra: QbftExtra;
  /** The block's hash (32 bytes), where it is known already: in round 0 it is what was sealed. */
  readonly hash?: Uint8Array;
}

/**
 * Who sealed a header: at least ceil(2N/3) different members of `validators`, and nobody else.
 * @throws PROOF_INVALID, QUORUM
 */
export function verifySeals(
  { header, extra, hash: known }: QbftHeader,
  { validators, crypto }: { readonly validators: readonly Account[]; readonly crypto: ProofCrypto },
): readonly Account[] {
  const { seals } = extra;
  verifyQuorum(seals.length, validators);
  if (seals.length > validators.length) throw refuseProof('seal-count', 'it has more seals than validators');
  const hash = known && isSealedAsHashed(extra) ? known : sealedHash({ header, extra }, crypto);
  const sealers = new Set<Account>();
  for (const seal of seals) {
    const sealer = crypto.recover(seal, hash);
    if (!sealer) throw refuseProof('seal-form', 'a seal is no signature');
    if (!validators.includes(sealer)) throw refuseProof('seal-stranger', `${sealer} sealed and is no validator`);
    if (sealers.has(sealer)) throw refuseProof('seal-twice', `${sealer} sealed twice`);
    sealers.add(sealer);
  }
  return [...sealers];
}

/** Refuses fewer signers than the members' quorum. @throws QUORUM */
export function verifyQuorum(signers: number, members: readonly unknown[]): void {
  const quorum = quorumOf(members.length);
  if (signers >= quorum) return;
  throw new DewproofError(
    'QUORUM',
    `Only ${signers} of ${members.length} trusted signers vouch for this block, and ${quorum} must; fetch another proof.`,
    { details: { signers, members: members.length, quorum } },
  );
}
