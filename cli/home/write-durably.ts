import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DewproofError } from '../../core/errors.ts';
import { syncFolder } from '../../platform/store/sync-folder.ts';

/** Whether an existing file may be replaced, and who may read the new one. */
export interface WriteOptions {
  readonly replace: boolean;
  readonly mode: number;
  /**
   * Whether its user named the file: its folder must be there (what is made on a stick's mount point is not on the stick),
   * and the command has `--force`.
   */
  readonly isNamed?: boolean;
}

/**
 * Writes a file whole or not at all, on disk (fsync of the file and of its folder) before it returns: a power cut or
 * Ctrl-C leaves the old file or the new one.
 * @throws CONFLICT where it exists and may not be replaced, USAGE where its user named a folder that is not there
 */
export async function writeDurably(file: string, content: Uint8Array | string, options: WriteOptions): Promise<void> {
  if (options.isNamed !== true) await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeSynced(draft, content, options.mode).catch((error: unknown) => {
      throw isMissing(error) ? noFolder(dirname(file)) : error;
    });
    if (options.replace) await rename(draft, file);
    else await linkNew(draft, { file, ...options });
  } finally {
    await unlink(draft).catch(ignoreMissing);
  }
  await syncFolder(dirname(file));
}

async function writeSynced(file: string, content: Uint8Array | string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `link` refuses an existing name atomically, which `rename` does not. */
async function linkNew(
  draft: string,
  { file, isNamed = false }: Pick<WriteOptions, 'isNamed'> & { readonly file: string },
): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const advice = isNamed
      ? 'choose another name, or replace it with --force'
      : 'it is never overwritten: move it away first';
    throw new DewproofError('CONFLICT', `${file} exists already; ${advice}.`);
  }
}

function noFolder(folder: string): DewproofError {
  return new DewproofError('USAGE', `There is no folder ${folder}; make it, or mount what it stands for.`);
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
