import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { StoredSplit } from '../store/stored-records.ts';
import type { KeptState } from './proven-state.ts';

/**
 * Tells whether one quorum vouched for both of two blocks of one height: then some of its members sign whatever they are
 * shown, and nothing that this quorum says can be relied on until the operators' root keys say which chain holds. Where
 * one of the two is a former anchor's word, nobody contradicted himself.
 */
export function isSplit([one, other]: readonly [Vouched, Vouched]): boolean {
  if (one.anchorVersion !== other.anchorVersion) return false;
  const [{ block, attestedAt }, { block: otherBlock, attestedAt: otherAt }] = [one.state, other.state];
  // Under `rpc` nobody signed anything: a node that shows another block went back, as nodes do.
  if (attestedAt === undefined || otherAt === undefined) return false;
  return block.height === otherBlock.height && block.hash !== otherBlock.hash;
}

type Vouched = Pick<KeptState, 'state' | 'anchorVersion'>;

/** Stands for the anchor's version where the disk lost all of a split but that there is one. */
export const UNKNOWN_VERSION = Number.MAX_SAFE_INTEGER;

/** A split of which nothing is known but that there is one: it is no less of one. */
export const unreadableSplit: StoredSplit = {
  height: 0n,
  hashes: [`0x${'00'.repeat(32)}`, `0x${'00'.repeat(32)}`],
  bundles: [`sha256:${'00'.repeat(32)}`, `sha256:${'00'.repeat(32)}`] as [Digest, Digest],
  anchorVersion: UNKNOWN_VERSION,
};

/**
 * Tells whether an anchor, newer than the split, names the block from which on its chain holds again. It is none below
 * `reached`, the newest that the device believed: that may be of the other chain.
 */
export function liftsSplit(
  { version, checkpoint }: Anchor,
  { split, reached }: { readonly split: StoredSplit; readonly reached: bigint },
): boolean {
  if (checkpoint === undefined || version <= split.anchorVersion) return false;
  const height = BigInt(checkpoint.height);
  return height >= split.height && height >= reached;
}

/** Why nothing more is believed. */
export function splitError({ height, hashes }: StoredSplit): DewproofError {
  return new DewproofError(
    'EQUIVOCATION',
    `The signers vouched for two blocks ${height.toString()} (${hashes.join(' and ')}): both proofs are kept; have the root keys sign an anchor with a checkpoint.`,
    { details: { height, hashes: [...hashes] } },
  );
}
