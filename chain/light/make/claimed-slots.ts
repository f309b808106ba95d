import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { createStorageSlots } from '../facts/storage-slots.ts';
import type { Claims } from './build-bundle.ts';

/** The registry's slots (32 bytes each) of what is claimed. */
export function claimedSlots(
  { heads, devices, grants, members }: Claims,
  crypto: Pick<ProofCrypto, 'keccak256'>,
): readonly Uint8Array[] {
  const slots = createStorageSlots(crypto);
  return [
    ...heads.map(({ resource }) => slots.head(resource)),
    ...devices.map(({ account }) => slots.device(account)),
    ...grants.map((claim) => slots.grant(claim)),
    ...members.map((claim) => slots.member(claim)),
  ];
}
