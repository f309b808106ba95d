import type { Account } from '../../core/account.ts';
import { hasCode } from '../../core/errors.ts';
import type { PublicKey } from '../../core/secrets/secret-vault.ts';
import type { Log } from '../../platform/log.ts';
import { verifyPublicKey } from '../../platform/secrets/public-key.ts';
import { DURABLE, sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';

/** Devices' public keys, each held against its account when it came and when it was read back. */
export interface KeyStore {
  readonly get: (account: Account) => PublicKey | undefined;
  /** On disk (fsync) when it returns. @throws WRONG_DEVICE, SCHEMA, DISK_FULL, STORE_CORRUPT */
  put(account: Account, publicKey: PublicKey): Promise<void>;
}

/** Opens the keys' part of a database; one that decayed is left out, its device tells it again. */
export async function openKeyStore(store: Store, log: Log): Promise<KeyStore> {
  const part = sublevelOf(store, 'device-keys');
  const keys = new Map<Account, PublicKey>();
  for (const [account, publicKey] of await guardStore(() => part.iterator().all())) {
    try {
      keys.set(...verified(account as Account, publicKey as PublicKey));
    } catch (error) {
      if (!hasCode(error)) throw error;
      log.warn({ code: error.code, account }, 'A stored public key is damaged; its device will tell it again');
    }
  }
  return {
    get: (account) => keys.get(account),
    put: async (account, publicKey) => {
      verified(account, publicKey);
      if (keys.get(account) === publicKey) return;
      await guardStore(() => part.put(account, publicKey, DURABLE));
      keys.set(account, publicKey);
    },
  };
}

function verified(account: Account, publicKey: PublicKey): readonly [Account, PublicKey] {
  verifyPublicKey(publicKey, { account });
  return [account, publicKey];
}
