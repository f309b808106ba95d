/** Bytes as `0x` and lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;
}

/** The bytes that `0x` and an even number of hexadecimal digits stand for. */
export function fromHex(hex: `0x${string}`): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
}

/** Tells whether two byte strings are the same; what is compared here is public. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  // Of a few bytes, as all are here, a loop is twice as fast as `Buffer.compare`.
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}

/** Below, at or above 0 where `one` comes before, is or comes after `other`. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  return Buffer.compare(one, other);
}
