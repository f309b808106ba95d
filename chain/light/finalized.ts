import type { Bytes32 } from '../../core/digest.ts';
import type { Header } from './qbft/header.ts';

/** A header that a quorum of the anchor's signers vouches for. */
export interface Finalized {
  readonly head: Header;
  readonly hash: Bytes32;
  /** When (Unix seconds) the signers vouched for it: what freshness is counted from. */
  readonly attestedAt: bigint;
  /** Validators' accounts or witnesses' names. */
  readonly signers: readonly string[];
  /** How many there are to sign. */
  readonly members: number;
}
