/** SEC 2, section 2.4.1: the order n of secp256k1's group, and n/2 rounded down. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const orderBytes = Buffer.from(ORDER.toString(16), 'hex');
const halfOrderBytes = Buffer.from((ORDER >> 1n).toString(16), 'hex');
const zero = Buffer.alloc(32);

/**
 * Tells whether a seal has the one form that is accepted. The libraries differ here (libsecp256k1 recovers from a high
 * s, v may be 0 to 3), so neither is asked; and of the two forms of each seal a forger could make one from the other.
 */
export function isSealForm(seal: Uint8Array): boolean {
  if (seal.length !== 65) return false;
  const bytes = Buffer.from(seal.buffer, seal.byteOffset, seal.length);
  const r = bytes.subarray(0, 32);
  const s = bytes.subarray(32, 64);
  if (r.equals(zero) || r.compare(orderBytes) >= 0) return false;
  if (s.equals(zero) || s.compare(halfOrderBytes) > 0) return false;
  return bytes[64] === 0 || bytes[64] === 1;
}
