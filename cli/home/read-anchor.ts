import type { Anchor } from '../../core/state/anchor.ts';
import { readPlainAnchor } from '../../core/state/plain-anchor.ts';
import { readAnchorBytes } from './read-anchor-bytes.ts';

/**
 * Reads the one file that says which ledger to trust. Whoever put it there answers for it: signatures on it, which are
 * for hosts that get a newer one from afar, are not asked for. @throws CONFIG
 */
export async function readAnchor(file: string): Promise<Anchor> {
  const plain = readPlainAnchor(anchorOf(parseJson(await readAnchorBytes(file))));
  if (plain) return plain;
  const { readAnchorFile } = await import('./read-anchor-file.ts');
  return (await readAnchorFile(file)).anchor;
}

/** Without the signatures that it may travel with. */
function anchorOf(value: unknown): unknown {
  const isSigned = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'SignedAnchor';
  return isSigned && 'anchor' in value ? value.anchor : value;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
