import { parseDocument } from '../core/document/parse-document.ts';
import type { Digest } from '../core/digest.ts';
import type { ResourceId } from '../core/ids.ts';
import { artifactsOf } from './install-configuration.ts';
import { fallbacksOf } from './state/evidence.ts';
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
 * Deletes documents, profiles and artifacts that no version needs which is committed or is to come.
 * @throws DISK_FULL, STORE_CORRUPT
 */
export async function sweepContents({ store, memory, units }: SweepDeps): Promise<void> {
  await memory.remember(async () => {
    const stored = await store.digests('contents');
    const needed = new Set<Digest | null | undefined>();
    const kept = () => [...memory.committed.values(), ...fallbacksOf(memory)];
    for (const { digest } of kept()) {
      for (const artifact of await artifactsWithin(store, digest)) needed.add(artifact);
    }
    // Last, and in one step: what a version that came up meanwhile needs, is not among `stored` yet.
    if ([...units.values()].some(isInstalling)) return [];
    for (const { digest, profile } of kept()) needed.add(digest).add(profile);
    for (const { current, next } of units.values()) {
      for (const slot of [current, next]) needed.add(slot?.target.digest).add(slot?.target.profile);
    }
    const gone = stored.filter((digest) => !needed.has(digest));
    return gone.map((digest): StoreChange => ({ kind: 'bytes', in: 'contents', digest, value: undefined }));
  });
}

function isInstalling({ current, next }: Unit): boolean {
  return [current, next].some((slot) => slot !== undefined && !['idle', 'running', 'broken'].includes(slot.phase));
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
