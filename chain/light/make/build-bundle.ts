import type { Anchor } from '../../../core/state/anchor.ts';
import { encodeBundle } from '../bundle/encode-bundle.ts';
import type { ProofBundle } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { proveAccount } from './prove-account.ts';
import { prepareFacts } from './prepare-facts.ts';

/** What a bundle claims. */
export type Claims = Pick<ProofBundle, 'heads' | 'devices' | 'grants' | 'members'>;

/** What vouches for its header. */
export type Vouchers = Pick<ProofBundle, 'changes' | 'header' | 'note'>;

/**
 * Joins claims, header and whatever nodes prove them to a bundle, each node once and in its place; in passing every
 * claim is proved, so that no bundle is made that would be refused for its facts.
 * @throws PROOF_INVALID, WRONG_CHAIN
 */
export function buildBundle(
  { claims, vouchers, nodes }: { claims: Claims; vouchers: Vouchers; nodes: readonly Uint8Array[] },
  { anchor, crypto }: { readonly anchor: Anchor; readonly crypto: ProofCrypto },
): Uint8Array {
  const account = proveAccount({ header: vouchers.header, nodes }, { anchor, crypto });
  const proved = prepareFacts({ claims, nodes, storageRoot: account.storageRoot }, { crypto });
  return encodeBundle({ ...vouchers, ...proved.claims, nodes: [...account.nodes, ...proved.slots] });
}
