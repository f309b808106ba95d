import { readdir, statfs } from 'node:fs/promises';
import type { Level } from 'level';

// A log and a table of LevelDB's default sizes, and some. Measured: where the new table does not fit, LevelDB takes no
// write any more until it is opened anew, so nothing is tried before there is plenty of room.
const ROOM_BYTES = 16_777_216;

/**
 * Has LevelDB put what its log holds into a table and begin a new log; tells whether it did. It needs 16 MiB of room,
 * and does nothing where there is less.
 */
export async function healLog(store: Level): Promise<boolean> {
  const { bavail, bsize } = await statfs(store.location);
  if (bavail * bsize < ROOM_BYTES) return false;
  const before = await logsOf(store.location);
  // It compacts an empty range, for which LevelDB first writes out what is in memory; it does not say how that went.
  await (store as unknown as { compactRange(from: string, to: string): Promise<void> }).compactRange('', '');
  const after = await logsOf(store.location);
  return after.length > 0 && !after.some((log) => before.includes(log));
}

async function logsOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.log'));
}
