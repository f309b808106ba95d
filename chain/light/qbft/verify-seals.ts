import type { Account } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { quorumOf } from '../../../core/state/quorum.ts';
import { refuseProof } from '../refuse.ts';
import { recoverSealers, type QbftHeader } from './recover-sealers.ts';

/**
 * Who sealed a header: at least ceil(2N/3) different members of `validators`, and nobody else.
 * @throws PROOF_INVALID, QUORUM
 */
export function verifySeals(
  sealed: QbftHeader,
  { validators, crypto }: { readonly validators: readonly Account[]; readonly crypto: ProofCrypto },
): readonly Account[] {
  const { seals } = sealed.extra;
  verifyQuorum(seals.length, validators);
  if (seals.length > validators.length) throw refuseProof('seal-count', 'it has more seals than validators');
  const sealers = recoverSealers(sealed, crypto);
  verifyMembers(sealers, validators);
  return sealers;
}

/** Refuses a seal of anyone else. @throws PROOF_INVALID */
export function verifyMembers(sealers: readonly Account[], members: readonly Account[]): void {
  const stranger = sealers.find((sealer) => !members.includes(sealer));
  if (stranger) throw refuseProof('seal-stranger', `${stranger} sealed and is no validator`);
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
