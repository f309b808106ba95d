/** How many of `members` must sign: ceil(2N/3); rounding down would let 2 of 4 through. */
export function quorumOf(members: number): number {
  return Math.ceil((2 * members) / 3);
}
