import { hasCode } from '../../../core/errors.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { openSlots } from '../facts/read-slots.ts';
import { createStorageSlots } from '../facts/storage-slots.ts';
import type { Claims } from './build-bundle.ts';
import { prepareFacts, type ProvedClaims } from './prepare-facts.ts';
import { recordNodes } from './record-nodes.ts';

type Parts = Parameters<typeof prepareFacts>[0];

/**
 * As `prepareFacts`, but without the grants and members whose slots anvil has zeroed: it keeps their leaves, which no
 * chain does and no checker takes, and one grant that was taken away would keep a group from having any bundle.
 * @throws PROOF_INVALID
 */
export function proveProvable(parts: Parts, deps: { readonly crypto: ProofCrypto }): ProvedClaims {
  try {
    return prepareFacts(parts, deps);
  } catch (error) {
    if (!isZeroedLeaf(error)) throw error;
    return prepareFacts({ ...parts, claims: withoutZeroed(parts, deps) }, deps);
  }
}

function withoutZeroed({ claims, nodes, storageRoot }: Parts, { crypto }: { readonly crypto: ProofCrypto }): Claims {
  const reader = openSlots(recordNodes(nodes, crypto), { root: storageRoot, crypto });
  const slots = createStorageSlots(crypto);
  const canRead = (slot: Uint8Array): boolean => {
    try {
      reader.read(slot);
      return true;
    } catch (error) {
      if (isZeroedLeaf(error)) return false;
      throw error;
    }
  };
  return {
    ...claims,
    grants: claims.grants.filter((claim) => canRead(slots.grant(claim))),
    members: claims.members.filter((claim) => canRead(slots.member(claim))),
  };
}

function isZeroedLeaf(error: unknown): boolean {
  return hasCode(error, 'PROOF_INVALID') && error.details['check'] === 'slot-value';
}
