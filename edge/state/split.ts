import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import type { StoredSplit } from '../store/stored-records.ts';

/**
 * Tells whether a quorum vouched for both of two blocks of one height: then some of its members sign whatever they are
 * shown, and nothing that this quorum says can be relied on until the operators' root keys say which chain holds.
 */
export function isSplit([one, other]: readonly [VerifiedState, VerifiedState]): boolean {
  // Under `rpc` nobody signed anything: a node that shows another block went back, as nodes do.
  if (one.attestedAt === undefined || other.attestedAt === undefined) return false;
  return one.block.height === other.block.height && one.block.hash !== other.block.hash;
}

/** Tells whether an anchor, newer than the split, names the block from which on its chain holds again. */
export function liftsSplit({ version, checkpoint }: Anchor, split: StoredSplit): boolean {
  return checkpoint !== undefined && version > split.anchorVersion && BigInt(checkpoint.height) >= split.height;
}

/** Why nothing more is believed. */
export function splitError({ height, hashes }: StoredSplit): DewproofError {
  return new DewproofError(
    'EQUIVOCATION',
    `The signers vouched for two blocks ${height.toString()} (${hashes.join(' and ')}): both proofs are kept; have the root keys sign an anchor with a checkpoint.`,
    { details: { height, hashes: [...hashes] } },
  );
}
