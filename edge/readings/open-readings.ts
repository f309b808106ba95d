import type { Clock } from '../../platform/clock.ts';
import type { Sublevel } from '../../platform/store/open-store.ts';
import { createReadingsStore, type ReadingsStore } from './readings-store.ts';

/** A device's readings. */
export interface OpenedReadings {
  readonly store: ReadingsStore;
  /** As the store's own; that it failed is told too. @throws DISK_FULL, STORE_CORRUPT */
  readonly commit: () => Promise<void>;
  /** Never rejects: what a full disk refuses is lost with the process, and told. */
  readonly close: () => Promise<void>;
}

/** Opens the readings; `onCommit` hears of every commit, whoever asked for it: undefined, or why it failed. */
export function openReadings(
  level: Sublevel,
  deps: { readonly clock: Clock; readonly onCommit: (error: unknown) => void; readonly onReading: () => void },
): OpenedReadings {
  const { onCommit } = deps;
  const store = createReadingsStore({ level, ...deps });
  const close = () => store.close().catch(onCommit);
  const commit = async () => {
    try {
      await store.commit();
    } catch (error) {
      onCommit(error);
      throw error;
    }
  };
  return { store, commit, close };
}
