import { open } from 'node:fs/promises';
import { DewproofError, type ErrorCode } from '../../core/errors.ts';

/**
 * Reads a whole file of at most `maxBytes`, never more than that into memory, whatever `stat` says of it.
 * @throws `tooLarge` (SCHEMA by default) where it is larger; node's own error where it can't be read
 */
export async function readCapped(
  file: string,
  { maxBytes, tooLarge = 'SCHEMA' }: { readonly maxBytes: number; readonly tooLarge?: ErrorCode },
): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null).catch(namePath(file));
      // A copy: a small file must not hold on to all that a large one would have needed.
      if (bytesRead === 0) return Buffer.copyBytesFrom(buffer, 0, length);
      length += bytesRead;
      if (length > maxBytes)
        throw new DewproofError(
          tooLarge,
          `${file} is larger than ${maxBytes} bytes; shorten it, or name the right file.`,
        );
    }
  } finally {
    await handle.close();
  }
}

/** Node does not say of a folder which one it is. */
function namePath(path: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  };
}
