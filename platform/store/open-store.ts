import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Level } from 'level';
import { corruptStore, storeError } from './store-errors.ts';
import { stopAfterFailedWrite } from './stop-after-failed-write.ts';
import { syncFolder } from './sync-folder.ts';

/** A daemon's database: text keys and values; what must outlive a power cut is written with `DURABLE`. */
export type Store = Level;
/** A named part of a store with keys of its own. */
export type Sublevel = ReturnType<typeof sublevelOf>;

/** Options of a `put`, `del` or `batch` that returns only once the bytes are on disk. */
export const DURABLE = { sync: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

/** The part of `store` called `name`. */
export function sublevelOf(store: Store, name: string) {
  return store.sublevel(name, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
}

/**
 * Opens the LevelDB in `folder`, creating it where there is none, so that it reopens after a power cut: a fresh
 * LevelDB whose first write was not synced does not.
 * @throws STORE_LOCKED, STORE_CORRUPT, DISK_FULL, CONFIG (rights)
 */
export async function openStore(folder: string): Promise<Store> {
  const store: Store = new Level(folder, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  try {
    verifyHasRoot(folder);
    await store.open();
    stopAfterFailedWrite(store);
    await store.put('opened', '1', { sync: true });
    await syncFolder(folder);
    await syncFolder(dirname(resolve(folder)));
    return store;
  } catch (error) {
    await store.close();
    throw storeError(error, folder);
  }
}

// Without CURRENT, LevelDB takes the folder for a new one and forgets what is in it, last seen versions included.
function verifyHasRoot(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, 'CURRENT'))) return;
  const holdsData = (name: string) =>
    name.endsWith('.ldb') || (name.endsWith('.log') && statSync(join(folder, name)).size > 1024);
  if (readdirSync(folder).some(holdsData)) throw corruptStore(folder, new Error('CURRENT is missing'));
}
