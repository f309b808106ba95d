import { digestOf, parseDigest, type Digest } from '../../core/digest.ts';
import type { Log } from '../../platform/log.ts';
import type { Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';

/** Bytes by their digest. What is read back is hashed again: a disk decays, and its bytes would be refused anyway. */
export interface ContentStore {
  /** Undefined where there is nothing, or what the disk changed, which is logged. @throws STORE_CORRUPT */
  get(digest: Digest): Promise<Uint8Array | undefined>;
  /** On disk (fsync) when it returns; bytes of another digest are a bug. @throws DISK_FULL, STORE_CORRUPT, TypeError */
  put(digest: Digest, bytes: Uint8Array): Promise<void>;
  delete(digests: readonly Digest[]): Promise<void>;
  digests(): Promise<readonly Digest[]>;
}

/** The part `name` of a database, for documents or artifacts. */
export function openContentStore(
  store: Store,
  { name, log }: { name: 'documents' | 'artifacts'; log: Log },
): ContentStore {
  const part = store.sublevel<string, Uint8Array>(name, { keyEncoding: 'utf8', valueEncoding: 'view' });
  return {
    get: async (digest) => {
      const bytes = await guardStore(() => part.get(digest));
      if (bytes === undefined || digestOf(bytes) === digest) return bytes;
      log.error({ code: 'DIGEST_MISMATCH', digest }, 'Stored bytes were changed; have them uploaded again');
      return undefined;
    },
    put: async (digest, bytes) => {
      if (digestOf(bytes) !== digest) throw new TypeError('the bytes have another digest');
      const operation = { type: 'put', sublevel: part, key: digest, value: bytes, valueEncoding: 'view' } as const;
      await guardStore(() => store.batch<string, string | Uint8Array>([operation], { sync: true }));
    },
    delete: (digests) => guardStore(() => part.batch(digests.map((key) => ({ type: 'del', key })))),
    digests: async () => (await guardStore(() => part.keys().all())).map(parseDigest),
  };
}
