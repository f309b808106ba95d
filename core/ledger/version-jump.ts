/**
 * How far above its head's version a resource's next one may lie. Without it one compromised publisher could take
 * version 2^64 - 1, after which nothing newer could ever come (a fast-forward attack).
 */
export const MAX_VERSION_JUMP = 1000n;
