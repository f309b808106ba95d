import type { Anchor } from '../../core/state/anchor.ts';
import { readAnchorFile } from './read-anchor-file.ts';

/**
 * Reads the one file that says which ledger to trust. Whoever put it there answers for it: signatures on it, which are
 * for hosts that get a newer one from afar, are not asked for. @throws CONFIG
 */
export async function readAnchor(file: string): Promise<Anchor> {
  return (await readAnchorFile(file)).anchor;
}
