import { resolve } from 'node:path';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { writeDurably } from '../home/write-durably.ts';

/** Writes an anchor's file, whole and on disk when it returns. @throws CONFLICT (it exists and may not be replaced), USAGE (its folder is not there) */
export async function writeAnchor(
  file: string,
  signed: SignedAnchor,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  await writeDurably(resolve(file), `${JSON.stringify(signed, undefined, 2)}\n`, {
    replace,
    mode: 0o644,
    isNamed: true,
  });
}
