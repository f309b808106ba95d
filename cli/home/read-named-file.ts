import { DewproofError, type ErrorCode } from '../../core/errors.ts';
import { readCapped } from './read-capped.ts';

/**
 * Reads a file that somebody named, on the command line or in a document, as `readCapped` does.
 * @throws USAGE (there is none, or it is a folder), `tooLarge` (SCHEMA by default)
 */
export async function readNamedFile(
  file: string,
  limits: { readonly maxBytes: number; readonly tooLarge?: ErrorCode },
): Promise<Uint8Array> {
  try {
    return await readCapped(file, limits);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new DewproofError('USAGE', `${file} is a folder; name a file.`, { cause });
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
    throw new DewproofError('USAGE', `${file} does not exist; check the path.`, { cause });
  }
}
