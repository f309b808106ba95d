/** SEC 2, section 2.4.1: the order n of secp256k1's group, and n/2 rounded down. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const orderBytes = new Uint8Array(Buffer.from(ORDER.toString(16), 'hex'));
const halfOrderBytes = new Uint8Array(Buffer.from((ORDER >> 1n).toString(16), 'hex'));
const zero = new Uint8Array(32);

/**
 * Tells whether a seal has the one form that is accepted. The libraries differ here (libsecp256k1 recovers from a high
 * s, v may be 0 to 3), so neither is asked; and of the two forms of each seal a forger could make one from the other.
 */
export function isSealForm(seal: Uint8Array): boolean {
  if (seal.length !== 65) return false;
  const [r, s] = [0, 32];
  if (compareWord(seal, { at: r, to: zero }) === 0 || compareWord(seal, { at: r, to: orderBytes }) >= 0) return false;
  if (compareWord(seal, { at: s, to: zero }) === 0 || compareWord(seal, { at: s, to: halfOrderBytes }) > 0)
    return false;
  return seal[64] === 0 || seal[64] === 1;
}

/** Compares the 32 bytes that begin at `at` with those of `to`: below, at or above 0. */
function compareWord(bytes: Uint8Array, { at, to }: { readonly at: number; readonly to: Uint8Array }): number {
  for (let index = 0; index < 32; index++) {
    const difference = (bytes[at + index] ?? 0) - (to[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
