/** A device's secp256k1 public key: `0x` and 66 hexadecimal digits, the compressed form (SEC 1, section 2.3.3). */
export type PublicKey = `0x${string}`;

/** What a device's private key does for secrets; implemented where the key is, so that nobody else holds it. */
export interface SecretVault {
  readonly publicKey: PublicKey;
  /**
   * Opens an envelope that was sealed to this device in this context.
   * @throws SCHEMA (no envelope), DIGEST_MISMATCH (altered, of another device or context); neither quotes anything
   */
  unseal(sealed: { readonly envelope: Uint8Array; readonly context: Uint8Array }): Promise<Uint8Array>;
  /** 32 bytes that only this device can make of `bytes`: what it wrote itself it knows again. */
  authenticate(bytes: Uint8Array): Promise<Uint8Array>;
}
