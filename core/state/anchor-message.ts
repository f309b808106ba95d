import { canonicalBytes } from '../document/canonical.ts';
import type { Anchor } from './anchor.ts';

// What an account signs elsewhere (calls, transactions, orders) must never read as an anchor.
const DOMAIN = 'dewproof anchor v1\n';

/** The bytes that an anchor's roots sign (EIP-191): all its fields, those with a default too, in canonical form. */
export function messageOfAnchor(anchor: Anchor): Uint8Array {
  return Buffer.concat([Buffer.from(DOMAIN), canonicalBytes(anchor)]);
}
