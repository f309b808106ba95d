/** Parses a version's number, 1 to 2^64 - 1. @throws TypeError */
export function parseVersion(text: string): bigint {
  const version = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  if (version > 0n && version < 2n ** 64n) return version;
  throw new TypeError('Expected a version as in 3.');
}
