import type { Account } from '../../../core/account.ts';
import { quorumOf } from '../../../core/state/quorum.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { parseQbftExtra } from '../qbft/extra-data.ts';
import type { Header } from '../qbft/header.ts';
import { sealedHash } from '../qbft/header-hash.ts';

/** Tells whether the quorum of the trusted validators is among a header's seals, whoever sealed it beside them. */
export function isVouchedFor(
  header: Header,
  {
    trusted,
    crypto,
  }: { readonly trusted: readonly Account[]; readonly crypto: Pick<ProofCrypto, 'keccak256' | 'recover'> },
): boolean {
  const extra = parseQbftExtra(header.extraData);
  const hash = sealedHash({ header, extra }, crypto);
  const sealers = new Set(extra.seals.map((seal) => crypto.recover(seal, hash)));
  return trusted.filter((account) => sealers.has(account)).length >= quorumOf(trusted.length);
}
