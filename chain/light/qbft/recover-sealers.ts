import type { Account } from '../../../core/account.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
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

/** Who sealed a header, whoever they are, each once. @throws PROOF_INVALID */
export function recoverSealers(
  { header, extra, hash: known }: QbftHeader,
  crypto: Pick<ProofCrypto, 'keccak256' | 'recover'>,
): readonly Account[] {
  const hash = known && isSealedAsHashed(extra) ? known : sealedHash({ header, extra }, crypto);
  const sealers = new Set<Account>();
  for (const seal of extra.seals) {
    const sealer = crypto.recover(seal, hash);
    if (!sealer) throw refuseProof('seal-form', 'a seal is no signature');
    if (sealers.has(sealer)) throw refuseProof('seal-twice', `${sealer} sealed twice`);
    sealers.add(sealer);
  }
  return [...sealers];
}
