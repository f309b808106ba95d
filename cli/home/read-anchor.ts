import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { readPlainAnchor } from '../../core/state/plain-anchor.ts';
import { readCapped } from './read-capped.ts';

const MAX_ANCHOR_BYTES = 65_536;

/** Reads the one file that says which ledger to trust. @throws CONFIG */
export async function readAnchor(file: string): Promise<Anchor> {
  const bytes = await readCapped(file, { maxBytes: MAX_ANCHOR_BYTES, tooLarge: 'CONFIG' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError(
      'CONFIG',
      `No trust anchor at ${file}; copy the tenant's anchor.json there, or make a tenant with \`dewproof tenant create\`.`,
    );
  });
  const value = parseJson(bytes);
  return readPlainAnchor(value) ?? (await parseAnchor(value, file));
}

async function parseAnchor(value: unknown, file: string): Promise<Anchor> {
  const { anchorSchema } = await import('../../core/state/anchor.ts');
  const parsed = anchorSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new DewproofError(
    'CONFIG',
    `${file} is no trust anchor: ${where}${issue?.message ?? 'not understood'}; get it anew.`,
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
