import type { ProofCrypto } from '../crypto/proof-crypto.ts';

/**
 * The slots (32 bytes each) of the first `count` elements of a dynamic array whose length stands in `slot`; an element
 * of more than 16 bytes has one to itself.
 * Source: https://docs.soliditylang.org/en/v0.8.37/internals/layout_in_storage.html
 */
export function elementSlots(
  { slot, count }: { readonly slot: Uint8Array; readonly count: number },
  { keccak256 }: Pick<ProofCrypto, 'keccak256'>,
): readonly Uint8Array[] {
  const first = BigInt(`0x${Buffer.from(keccak256(slot)).toString('hex')}`);
  return Array.from({ length: count }, (_, index) => wordOf(BigInt.asUintN(256, first + BigInt(index))));
}

function wordOf(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
}
