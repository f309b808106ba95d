import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { Finalized } from './finalized.ts';

/**
 * Refuses a block that a quorum signed where the anchor's roots vouch for another history: after a split, or where the
 * signers' old keys were stolen, a quorum alone says too little. @throws ROLLBACK, EQUIVOCATION
 */
export function verifyCheckpoint({ head, hash }: Finalized, { checkpoint }: Pick<Anchor, 'checkpoint'>): void {
  if (checkpoint === undefined) return;
  const height = BigInt(checkpoint.height);
  if (head.height < height) {
    throw new DewproofError(
      'ROLLBACK',
      `Block ${head.height} is older than the anchor's checkpoint ${height}; fetch a newer one.`,
    );
  }
  if (head.height === height && hash !== checkpoint.hash) {
    throw new DewproofError(
      'EQUIVOCATION',
      `The block at the checkpoint's height ${height} is ${hash}, not ${checkpoint.hash}; keep it as evidence.`,
    );
  }
  if (head.time < BigInt(checkpoint.time)) {
    throw new DewproofError(
      'ROLLBACK',
      `Block ${head.height} has an earlier time than the anchor's checkpoint ${height}; ask another source.`,
    );
  }
}
