import { digestOf } from '../core/digest.ts';
import { DewproofError } from '../core/errors.ts';
import type { ContentName, DewClient } from './dew-client.ts';
import type { EdgeStore } from './store/edge-store.ts';

/** Where contents come from; `onDamage` hears of stored bytes that are no longer what their digest says. */
export interface ContentSources {
  readonly store: EdgeStore;
  readonly dew: DewClient;
  readonly onDamage: (error: DewproofError) => void;
}

/** The stored bytes of this digest; undefined where there are none or they decayed, which is told. */
export async function readContent(name: ContentName, sources: ContentSources): Promise<Uint8Array | undefined> {
  const stored = await sources.store.bytes({ in: 'contents', digest: name.digest });
  if (stored === undefined || digestOf(stored) === name.digest) return stored;
  sources.onDamage(
    new DewproofError('DIGEST_MISMATCH', `The stored bytes of ${name.digest} were changed; they are fetched anew.`),
  );
  return undefined;
}

/**
 * Bytes of a digest, from the disk where they are, else from a dew; the disk keeps what a dew gave only if it is right.
 * @throws DIGEST_MISMATCH, ENDLESS_DATA, SLOW_RETRIEVAL, NOT_FOUND, DEW_UNAVAILABLE, DISK_FULL
 */
export async function obtainContent(
  name: ContentName,
  { sources, signal }: { readonly sources: ContentSources; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const stored = await readContent(name, sources);
  if (stored !== undefined) return stored;
  const value = await sources.dew.content(name, signal);
  await sources.store.write([{ kind: 'bytes', in: 'contents', digest: name.digest, value }]);
  return value;
}
