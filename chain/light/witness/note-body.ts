import type { BlockRef, LedgerIdentity } from '../../../core/ledger/records.ts';

/** Which block of which chain a note is about. */
export interface NotedBlock extends Pick<LedgerIdentity, 'chain' | 'genesis'>, Pick<BlockRef, 'height' | 'hash'> {}

/**
 * The text that witnesses sign, in the form of a C2SP checkpoint (https://c2sp.org/tlog-checkpoint): the chain is the
 * origin, the height the size, the block's hash the root. Every C2SP tool can cosign and verify it.
 */
export function noteBody({ chain, genesis, height, hash }: NotedBlock): string {
  const root = Buffer.from(hash.slice(2), 'hex').toString('base64');
  return `dewproof/block/v1/${chain}/${genesis}\n${height}\n${root}\n`;
}
