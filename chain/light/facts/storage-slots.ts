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

const { headHash, deviceHead, grant, member } = registrySlots;
const baseSlots = { head: wordOf(headHash), device: wordOf(deviceHead), grant: wordOf(grant), member: wordOf(member) };

/** Where Solidity puts the registry's mappings; which layout it is, the code hash pins. */
export function createStorageSlots({ keccak256 }: Hashing): StorageSlots {
  const inMapping = (key: Uint8Array, slot: Uint8Array): Uint8Array => {
    const preimage = new Uint8Array(64);
    preimage.set(key, 32 - key.length);
    preimage.set(slot, 32);
    return keccak256(preimage);
  };
  return {
    head: (resource) => inMapping(resource, baseSlots.head),
    device: (account) => inMapping(account, baseSlots.device),
    grant: ({ resource, subject }) => inMapping(subject, inMapping(resource, baseSlots.grant)),
    member: ({ role, account }) => inMapping(account, inMapping(role, baseSlots.member)),
  };
}

function wordOf(slot: bigint): Uint8Array {
  const word = new Uint8Array(32);
  const bytes = integerBytes(slot);
  word.set(bytes, 32 - bytes.length);
  return word;
}
