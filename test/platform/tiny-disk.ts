import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** A disk of its own; `resize` takes mount's sizes (`8m`). */
export interface TinyDisk {
  readonly folder: string;
  resize(size: string): void;
}

/** A disk of 1 MB until the test ends, or undefined where this user can't mount. */
export function tinyDisk(): TinyDisk | undefined {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
  });
  const resize = (size: string) => execFileSync('mount', ['-o', `remount,size=${size}`, folder]);
  return { folder, resize };
}

/** Why a test that needs such a disk was skipped. */
export const NO_TINY_DISK = 'mounting a tmpfs of 1 MB takes root';
