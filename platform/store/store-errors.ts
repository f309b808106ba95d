import { DewproofError } from '../../core/errors.ts';

const FULL = /ENOSPC|EDQUOT|No space left|Disk quota exceeded/i;
// LevelDB reports damage to its own files (a cut MANIFEST, a missing table) as either of these.
const DAMAGED = /LEVEL_CORRUPTION|No such file/;
const NOT_OURS = /EACCES|EROFS|ENOTDIR|EEXIST|Permission denied|Read-only file system|Not a directory/;

/**
 * Runs reads or writes of a store and gives what goes wrong a code; anything else passes unchanged.
 * @throws STORE_CORRUPT, DISK_FULL, CONFIG (rights)
 */
export async function guardStore<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw storeError(error, undefined);
  }
}

/** The coded error for what LevelDB or the file system threw; an error that is neither comes back unchanged. */
export function storeError(error: unknown, folder: string | undefined): unknown {
  const where = folder === undefined ? 'the data folder' : folder;
  const text = describe(error);
  if (error instanceof DewproofError) return error;
  if (FULL.test(text)) {
    return new DewproofError('DISK_FULL', `No space left in ${where}: free at least 16 MiB; restart if it goes on.`, {
      cause: error,
    });
  }
  if (/LEVEL_LOCKED/.test(text)) {
    return new DewproofError('STORE_LOCKED', `Another process has ${where} open: stop it, or use another folder.`, {
      cause: error,
    });
  }
  if (NOT_OURS.test(text)) {
    return new DewproofError(
      'CONFIG',
      `This user can't write to ${where}: choose another folder, or change its owner.`,
      {
        cause: error,
      },
    );
  }
  if (/LEVEL_/.test(text) && DAMAGED.test(text)) return corruptStore(where, error);
  return error;
}

/** The error for a database that can't be used any more. */
export function corruptStore(folder: string, cause: unknown): DewproofError {
  return new DewproofError(
    'STORE_CORRUPT',
    `The database in ${folder} is damaged: move the folder away and restart; its state comes back from the ledger and the dew server.`,
    { cause },
  );
}

function describe(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    parts.push('code' in at ? String(at.code) : '', at.message);
  }
  return parts.join(' ');
}
