import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { anchorSchema } from '../../core/state/anchor.ts';
import { signedAnchorSchema, type SignedAnchor } from '../../core/state/signed-anchor.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { readAnchorBytes } from './read-anchor-bytes.ts';

const fileSchema = z.discriminatedUnion('kind', [anchorSchema, signedAnchorSchema]);

/** Reads an anchor's file with its signatures, of which one that nobody signed has none; they are not verified. @throws CONFIG */
export async function readAnchorFile(file: string): Promise<SignedAnchor> {
  const value = parseJsonBytes(await readAnchorBytes(file));
  if (value === undefined) throw new DewproofError('CONFIG', `${file} is no trust anchor: it is no JSON; get it anew.`);
  const parsed = fileSchema.safeParse(value);
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
