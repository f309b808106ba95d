import { open } from 'node:fs/promises';

/** Has a folder's entries on disk (fsync): without it a power cut can leave a synced file that has no name. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
