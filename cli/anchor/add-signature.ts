import type { LocalAccount } from '../../chain/evm/local-account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { messageOfAnchor } from '../../core/state/anchor-message.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';

/**
 * Adds an account's signature to an anchor, in place of one that it has already.
 * @throws FORBIDDEN (neither its roots nor those of `current` name the account, so that it would not count)
 */
export async function addSignature(
  { anchor, signatures }: SignedAnchor,
  { signer, current }: { readonly signer: LocalAccount; readonly current: Anchor | undefined },
): Promise<SignedAnchor> {
  const { account } = signer;
  const isRoot = [anchor, current].some((one) => one?.roots?.accounts.includes(account));
  if (!isRoot) {
    throw new DewproofError(
      'FORBIDDEN',
      `${account} is no root of this anchor, nor of the one before it (name that with --current): its signature would not count.`,
    );
  }
  const signature = await signer.signMessage(messageOfAnchor(anchor));
  const others = signatures.filter((one) => one.account !== account);
  // In one order, whoever signed first: copies that went different ways can be compared.
  const all = [...others, { account, signature }].toSorted((one, other) => (one.account < other.account ? -1 : 1));
  return { apiVersion: 'dewproof/v1', kind: 'SignedAnchor', anchor, signatures: all };
}
