import { DewproofError } from '../../core/errors.ts';

const FULL = /ENOSPC|EDQUOT|No space left|Disk quota exceeded/i;
// LevelDB reports damage to its own files (a missing or cut MANIFEST, a bad table) as any of these.
const DAMAGED =
  /Corruption|LEVEL_CORRUPTION|does not exist \(create_if_missing|does not end with newline|Invalid argument|sstable|No such file|VersionEdit|MANIFEST|CURRENT/i;

/**
 * Runs reads or writes of a store and gives what goes wrong a code; anything else passes unchanged.
 * @throws STORE_CORRUPT, DISK_FULL
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
    return new DewproofError('DISK_FULL', `No space left in ${where}: free some, then restart.`, { cause: error });
  }
  if (/LEVEL_LOCKED/.test(text)) {
    return new DewproofError('STORE_LOCKED', `Another process has ${where} open: stop it, or use another folder.`, {
      cause: error,
    });
  }
  if (/LEVEL_/.test(text) && DAMAGED.test(text)) return corrupt(where, error);
  return error;
}

function corrupt(where: string, cause: unknown): DewproofError {
  return new DewproofError(
    'STORE_CORRUPT',
    `The database in ${where} is damaged: move the folder away and restart; its state comes back from the ledger and the dew server.`,
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
