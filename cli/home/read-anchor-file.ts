import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { anchorSchema } from '../../core/state/anchor.ts';
import { MAX_ANCHOR_BYTES, signedAnchorSchema, type SignedAnchor } from '../../core/state/signed-anchor.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { readCapped } from './read-capped.ts';

const fileSchema = z.discriminatedUnion('kind', [anchorSchema, signedAnchorSchema]);

/** Reads an anchor's file with its signatures, of which one that nobody signed has none; they are not verified. @throws CONFIG */
export async function readAnchorFile(file: string): Promise<SignedAnchor> {
  const bytes = await readCapped(file, { maxBytes: MAX_ANCHOR_BYTES, tooLarge: 'CONFIG' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError(
      'CONFIG',
      `No trust anchor at ${file}; copy the tenant's anchor.json there, or make a tenant with \`dewproof tenant create\`.`,
    );
  });
  const parsed = fileSchema.safeParse(parseJsonBytes(bytes));
  if (parsed.success) return parsed.data.kind === 'Anchor' ? unsigned(parsed.data) : parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new DewproofError(
    'CONFIG',
    `${file} is no trust anchor: ${where}${issue?.message ?? 'not understood'}; get it anew.`,
  );
}

function unsigned(anchor: SignedAnchor['anchor']): SignedAnchor {
  return { apiVersion: 'dewproof/v1', kind: 'SignedAnchor', anchor, signatures: [] };
}
