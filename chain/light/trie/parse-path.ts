import { refuseProof } from '../refuse.ts';

/**
 * Parses a hex-prefix path (Ethereum Yellow Paper, appendix C) to nibbles: the first nibble says leaf (2) and odd (1),
 * and pads with a zero nibble where even; whatever else stands there is refused. @throws PROOF_INVALID
 */
export function parsePath(bytes: Uint8Array): { readonly path: Uint8Array; readonly isLeaf: boolean } {
  const first = bytes[0];
  if (first === undefined || bytes.length > 33) throw refuseProof('path-length', "a node's path has no fitting length");
  const flag = first >> 4;
  if (flag > 3) throw refuseProof('path-flag', "a node's path has an unknown flag");
  const isOdd = (flag & 1) === 1;
  if (!isOdd && (first & 0x0f) !== 0) throw refuseProof('path-padding', "a node's path is padded with something");
  const nibbles = nibblesOf(bytes);
  return { path: nibbles.subarray(isOdd ? 1 : 2), isLeaf: flag >= 2 };
}

/** Bytes as nibbles, one each byte, the high one first. */
export function nibblesOf(bytes: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    nibbles[index * 2] = byte >> 4;
    nibbles[index * 2 + 1] = byte & 0x0f;
  }
  return nibbles;
}
