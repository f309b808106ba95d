import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DewproofError } from '../../core/errors.ts';
import { storeError } from './store-errors.ts';

/** Makes a daemon's data folder (mode 0700) where there is none yet. @throws CONFIG, DISK_FULL */
export async function makeDataFolder(folder: string): Promise<void> {
  // Node's recursive mkdir never returns on a file system that makes no folders (/proc).
  await verifyOnRealFiles(folder);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storeError(error, folder);
  }
}

async function verifyOnRealFiles(folder: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found?.isDirectory() === true && !/^\/(?:proc|sys)(?:\/|$)/.test(at)) return;
    if (found !== undefined || dirname(at) === at) {
      throw new DewproofError('CONFIG', `${folder} can't be a data folder (see ${at}); name another with --data.`);
    }
  }
}
