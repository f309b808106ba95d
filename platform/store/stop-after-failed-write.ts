import type { Level } from 'level';
import { healLog } from './heal-log.ts';
import { storeError } from './store-errors.ts';

/**
 * Has `store` refuse every write after one that failed, until its log is whole again. Measured on a full tmpfs: the
 * failed write leaves half a record in LevelDB's log, later writes succeed behind it once there is room again, synced
 * and acknowledged, and the next start reads up to the half record and has lost them.
 */
export function stopAfterFailedWrite(store: Level): void {
  let failed: { readonly error: unknown } | undefined;
  let healing: Promise<boolean> | undefined;

  async function heal(error: unknown): Promise<void> {
    healing ??= healLog(store).finally(() => {
      healing = undefined;
    });
    if (!(await healing)) throw error;
    failed = undefined;
  }

  for (const method of ['put', 'del', 'batch', 'clear'] as const) {
    // Parts of a store write through these methods of the whole.
    const write = store[method].bind(store) as (...values: readonly unknown[]) => Promise<void>;
    const value = async (...values: readonly unknown[]) => {
      if (failed !== undefined) await heal(failed.error);
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
