import type { Level } from 'level';
import { storeError } from './store-errors.ts';

/**
 * Has `store` refuse every write after one that failed, until it is opened anew. Measured on a full tmpfs: the failed
 * write leaves half a record in LevelDB's log, later writes succeed behind it once there is room again, synced and
 * acknowledged, and the next start reads up to the half record and has lost them.
 */
export function stopAfterFailedWrite(store: Level): void {
  let failed: { readonly error: unknown } | undefined;
  for (const method of ['put', 'del', 'batch', 'clear'] as const) {
    // Parts of a store write through these methods of the whole.
    const write = store[method].bind(store) as (...values: readonly unknown[]) => Promise<void>;
    const value = async (...values: readonly unknown[]) => {
      if (failed !== undefined) throw failed.error;
      try {
        await write(...values);
      } catch (error) {
        const coded = storeError(error, store.location);
        if (isFromDisk(error)) failed = { error: coded };
        throw coded;
      }
    };
    Object.defineProperty(store, method, { value });
  }
}

function isFromDisk(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'LEVEL_IO_ERROR' || code === 'LEVEL_CORRUPTION';
}
