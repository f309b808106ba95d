import { access, readdir, readFile } from 'node:fs/promises';

// EINVAL: `carrier` of an interface that is down. ENODEV, ENXIO: it was unplugged between two reads.
const ABSENT: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EINVAL', 'ENODEV', 'ENXIO', 'EACCES', 'EPERM'];

/** The text of a small file of the kernel's, trimmed; undefined where there is none or it says nothing. */
export function readAttribute(path: string): Promise<string | undefined> {
  return unlessAbsent(async () => (await readFile(path, 'utf8')).trim());
}

/** Names in a folder in order; none where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await unlessAbsent(() => readdir(folder)))?.sort() ?? [];
}

/** Tells whether a path leads anywhere; a symbolic link that dangles does not. */
export async function isThere(path: string): Promise<boolean> {
  return (await unlessAbsent(() => access(path).then(() => true))) ?? false;
}

async function unlessAbsent<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.includes(error.code)) return undefined;
    throw error;
  }
}
