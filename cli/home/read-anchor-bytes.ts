import { DewproofError } from '../../core/errors.ts';
import { readCapped } from './read-capped.ts';

/** An anchor of 128 validators with 32 old and 32 new roots' signatures has half of it. */
const MAX_ANCHOR_BYTES = 65_536;

/** The bytes of an anchor's file. @throws CONFIG (no such file, or too large for an anchor) */
export function readAnchorBytes(file: string): Promise<Uint8Array> {
  return readCapped(file, { maxBytes: MAX_ANCHOR_BYTES, tooLarge: 'CONFIG' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError(
      'CONFIG',
      `No trust anchor at ${file}; copy the tenant's anchor.json there, or make a tenant with \`dewproof tenant create\`.`,
    );
  });
}
