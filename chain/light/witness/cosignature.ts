import { createHash } from 'node:crypto';

/** C2SP tlog-cosignature: the number of the signature's type, and the key's. */
const COSIGNATURE_V1 = 0x04;

/** A witness, as an anchor names it: its Ed25519 public key as `0x` and 64 hexadecimal digits. */
export interface Witness {
  readonly name: string;
  readonly publicKey: `0x${string}`;
}

/** The first 4 bytes of SHA-256(name ‖ newline ‖ 0x04 ‖ key): https://c2sp.org/signed-note. */
export function keyIdOf({ name, publicKey }: Witness): Uint8Array {
  const key = Buffer.from(publicKey.slice(2), 'hex');
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(COSIGNATURE_V1))
    .update(key)
    .digest()
    .subarray(0, 4);
}

/** What a witness signs of a note's body at `time` (Unix seconds): https://c2sp.org/tlog-cosignature. */
export function cosignedMessage({ body, time }: { readonly body: string; readonly time: bigint }): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${body}`, 'utf8');
}
