import { parseDocument } from '../core/document/parse-document.ts';
import type { Digest } from '../core/digest.ts';
import type { ResourceId } from '../core/ids.ts';
import { artifactsOf } from './install-configuration.ts';
import type { DeviceMemory } from './store/device-memory.ts';
import type { EdgeStore, StoreChange } from './store/edge-store.ts';
import type { Unit } from './unit.ts';

/** What a sweep looks at. */
export interface SweepDeps {
  readonly store: EdgeStore;
  readonly memory: DeviceMemory;
  readonly units: ReadonlyMap<ResourceId, Unit>;
}

/**
 * Deletes documents, profiles and artifacts that no committed version needs, while none is being installed.
 * @throws DISK_FULL, STORE_CORRUPT
 */
export async function sweepContents({ store, memory, units }: SweepDeps): Promise<void> {
  const isInstalling = [...units.values()].some(({ current, next }) =>
    [current, next].some((slot) => slot !== undefined && !['idle', 'running', 'broken'].includes(slot.phase)),
  );
  if (isInstalling) return;
  const needed = new Set<Digest>();
  for (const { digest, profile } of memory.committed.values()) {
    needed.add(digest);
    if (profile !== null) needed.add(profile);
    for (const artifact of await artifactsWithin(store, digest)) needed.add(artifact);
  }
  const gone = (await store.digests('contents')).filter((digest) => !needed.has(digest));
  const changes = gone.map((digest): StoreChange => ({ kind: 'bytes', in: 'contents', digest, value: undefined }));
  if (changes.length > 0) await memory.remember(changes);
}

/** A document that decayed names nothing: its artifacts are fetched again with it. */
async function artifactsWithin(store: EdgeStore, digest: Digest): Promise<readonly Digest[]> {
  const bytes = await store.bytes({ in: 'contents', digest });
  if (bytes === undefined) return [];
  try {
    const { document } = parseDocument(bytes);
    return document.kind === 'VirtualResource' ? artifactsOf(document).map((name) => name.digest) : [];
  } catch {
    return [];
  }
}
