import { proveFacts } from '../facts/prove-facts.ts';
import { openSlots } from '../facts/read-slots.ts';
import { createStorageSlots } from '../facts/storage-slots.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { Claims } from './build-bundle.ts';
import { recordNodes } from './record-nodes.ts';

/** Claims in a bundle's order, and the nodes of the registry's storage that prove them, in a bundle's order too. */
export interface ProvedClaims {
  readonly claims: Claims;
  readonly slots: readonly Uint8Array[];
}

/**
 * Proves claims by whatever nodes there are under a storage root, and keeps those that it took.
 * @throws PROOF_INVALID
 */
export function prepareFacts(
  { claims, nodes, storageRoot }: { claims: Claims; nodes: readonly Uint8Array[]; storageRoot: Uint8Array },
  { crypto }: { readonly crypto: ProofCrypto },
): ProvedClaims {
  const sorted = sortClaims(claims);
  const pile = recordNodes(nodes, crypto);
  const reader = openSlots(pile, { root: storageRoot, crypto });
  proveFacts(sorted, { reader, slots: createStorageSlots(crypto), crypto });
  return { claims: sorted, slots: pile.recorded() };
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
