import { registrySlots } from '../../evm/generated/slots.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { integerBytes } from '../rlp.ts';

type Hashing = Pick<ProofCrypto, 'keccak256'>;

/** A fact's storage slot (32 bytes) in the registry, from its keys. */
export interface StorageSlots {
  head(resource: Uint8Array): Uint8Array;
  device(account: Uint8Array): Uint8Array;
  grant(keys: { readonly resource: Uint8Array; readonly subject: Uint8Array }): Uint8Array;
  member(keys: { readonly role: Uint8Array; readonly account: Uint8Array }): Uint8Array;
}

/** Where Solidity puts the registry's mappings; which layout it is, the code hash pins. */
export function createStorageSlots({ keccak256 }: Hashing): StorageSlots {
  const inMapping = (key: Uint8Array, slot: Uint8Array): Uint8Array => {
    const preimage = new Uint8Array(64);
    preimage.set(key, 32 - key.length);
    preimage.set(slot, 64 - slot.length);
    return keccak256(preimage);
  };
  const { headHash, deviceHead, grant, member } = registrySlots;
  return {
    head: (resource) => inMapping(resource, integerBytes(headHash)),
    device: (account) => inMapping(account, integerBytes(deviceHead)),
    grant: ({ resource, subject }) => inMapping(subject, inMapping(resource, integerBytes(grant))),
    member: ({ role, account }) => inMapping(account, inMapping(role, integerBytes(member))),
  };
}
