import { MAX_PROOF_BYTES } from '../../chain/light/bundle/limits.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { readStdin } from '../home/read-stdin.ts';

/** Reads a bundle's file, or stdin where it is `-`. @throws USAGE (no such file), ENDLESS_DATA, SCHEMA (empty, or text) */
export async function readBundle(file: string): Promise<Uint8Array> {
  const limits = { maxBytes: MAX_PROOF_BYTES, tooLarge: 'ENDLESS_DATA' } as const;
  const bytes = file === '-' ? await readStdin(limits) : await readNamedFile(file, limits);
  const [first] = bytes;
  if (first === undefined) throw new DewproofError('SCHEMA', `${sourceName(file)} is empty; fetch the bundle anew.`);
  // Bundles are arrays in CBOR; JSON, PEM and base64 begin with a character.
  if (first < 0x80) {
    const name = sourceName(file);
    throw new DewproofError(
      'SCHEMA',
      `${name} is text or another format, no bundle; name the file as it was exported.`,
    );
  }
  return bytes;
}

/** The anchor of `--anchor`, or the home's. @throws CONFIG */
export async function readBundleAnchor({ anchor, home }: { anchor?: string; home: string }): Promise<Anchor> {
  if (anchor !== undefined) return readAnchor(anchor);
  const { openHome } = await import('../home/open-home.ts');
  try {
    return await readAnchor((await openHome(home)).anchorFile);
  } catch (error) {
    if (!hasCode(error, 'CONFIG')) throw error;
    throw new DewproofError('CONFIG', `${error.message} Or name the trust anchor with --anchor.`, { cause: error });
  }
}

/** What people are told a bundle came from. */
export function sourceName(file: string): string {
  return file === '-' ? 'stdin' : file;
}
