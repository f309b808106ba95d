import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version of this release, `unknown` where it was taken out of its package. */
export function readVersion(): string {
  const file = findPackageJSON('..', import.meta.url);
  if (file === undefined) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
