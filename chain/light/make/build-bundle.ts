import type { Anchor } from '../../../core/state/anchor.ts';
import { encodeBundle } from '../bundle/encode-bundle.ts';
import type { ProofBundle } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { proveFacts } from '../facts/prove-facts.ts';
import { openSlots } from '../facts/read-slots.ts';
import { createStorageSlots } from '../facts/storage-slots.ts';
import { parseHeader } from '../qbft/header.ts';
import { readAccount } from '../read-account.ts';
import { recordNodes } from './record-nodes.ts';

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
  const sorted = sortClaims(claims);
  const pile = recordNodes(nodes, crypto);
  const { stateRoot } = parseHeader(vouchers.header);
  const root = readAccount(pile, { stateRoot, anchor, crypto });
  proveFacts(sorted, { reader: openSlots(pile, { root, crypto }), slots: createStorageSlots(crypto), crypto });
  return encodeBundle({ ...vouchers, ...sorted, nodes: pile.recorded() });
}

function sortClaims({ heads, devices, grants, members }: Claims): Claims {
  return {
    heads: sortBy(heads, ({ resource }) => [resource]),
    devices: sortBy(devices, ({ account }) => [account]),
    grants: sortBy(grants, ({ resource, subject }) => [resource, subject]),
    members: sortBy(members, ({ role, account }) => [role, account]),
  };
}

/** Keys of one kind have one length, so that comparing them joined compares them in turn. */
function sortBy<Claim>(claims: readonly Claim[], keyOf: (claim: Claim) => readonly Uint8Array[]): readonly Claim[] {
  return claims
    .map((claim) => ({ claim, key: Buffer.concat(keyOf(claim)) }))
    .sort((one, other) => Buffer.compare(one.key, other.key))
    .map(({ claim }) => claim);
}
