import { MAX_PROOF_BYTES } from '../../chain/light/bundle/limits.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { readCapped } from '../home/read-capped.ts';

/** Reads a bundle's file. @throws USAGE (no such file), ENDLESS_DATA */
export async function readBundle(file: string): Promise<Uint8Array> {
  return readCapped(file, { maxBytes: MAX_PROOF_BYTES, tooLarge: 'ENDLESS_DATA' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError('USAGE', `${file} does not exist; check the path.`);
  });
}

/** The anchor of `--anchor`, or the home's. @throws CONFIG */
export async function readBundleAnchor({ anchor, home }: { anchor?: string; home: string }): Promise<Anchor> {
  if (anchor !== undefined) return readAnchor(anchor);
  const { openHome } = await import('../home/open-home.ts');
  return readAnchor((await openHome(home)).anchorFile);
}
