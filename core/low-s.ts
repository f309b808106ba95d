/** SEC 2, section 2.4.1: n/2 of secp256k1, rounded down, as 64 lower-case hexadecimal digits. */
const HALF_ORDER = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';

/**
 * Tells whether a signature (`0x`, r, s, v: 65 bytes, lower case) has the low s of the two that hold. From either form
 * anybody can make the other; only that with the low s is one.
 */
export function hasLowS(signature: `0x${string}`): boolean {
  return signature.slice(2 + 64, 2 + 128) <= HALF_ORDER;
}
