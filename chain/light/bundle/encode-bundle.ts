import { encodeFacts, encodeNodes, encodeVouchers } from './encode-parts.ts';
import type { ProofBundle } from './proof-bundle.ts';

/** Writes a bundle in its one form: arrays, byte strings and shortest integers in CBOR (RFC 8949, section 4.2). */
export function encodeBundle(bundle: ProofBundle): Uint8Array {
  return new Uint8Array(Buffer.concat([encodeVouchers(bundle), encodeFacts(bundle), encodeNodes(bundle.nodes)]));
}
