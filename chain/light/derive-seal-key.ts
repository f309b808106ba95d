import { hkdfSync } from 'node:crypto';

/** Changing it would make every sealed bundle on every device unreadable. */
const INFO = 'dewproof/v1/rpc-state-seal';

/**
 * The 32-byte key that a device seals its bundles with, from its private key (HKDF-SHA256, RFC 5869): who has the
 * disk but not the device's key can't make one, and the key itself is used for signatures alone.
 */
export function deriveSealKey({ privateKey }: { readonly privateKey: Uint8Array }): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', privateKey, new Uint8Array(0), INFO, 32));
}
