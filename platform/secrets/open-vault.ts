import { createECDH, createHmac, hkdfSync } from 'node:crypto';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';
import { openEnvelope } from './envelope.ts';

/** Changing it would make every device forget which secrets it accepted. */
const INFO = 'dewproof/v1/accepted-secret';

/** The vault of a device whose 32-byte private key this process holds; the key stays in here. */
export function openSecretVault({ privateKey }: { readonly privateKey: Uint8Array }): SecretVault {
  const own = Uint8Array.from(privateKey);
  const key = createECDH('secp256k1');
  key.setPrivateKey(own);
  const authenticationKey = Buffer.from(hkdfSync('sha256', own, new Uint8Array(0), INFO, 32));
  return {
    publicKey: `0x${key.getPublicKey('hex', 'compressed')}`,
    unseal: (sealed) => Promise.resolve().then(() => openEnvelope(own, sealed)),
    authenticate: (bytes) => Promise.resolve(createHmac('sha256', authenticationKey).update(bytes).digest()),
  };
}
