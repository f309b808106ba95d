import type { Digest } from '../../core/digest.ts';
import type { VouchedState } from '../../core/state/merge-states.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';

/** A state that was opened, and the bundle that proves it. */
export interface ProvenState {
  readonly state: VerifiedState;
  readonly bundle: Uint8Array;
  readonly digest: Digest;
  /** Of the anchor that opened it: the one in use, or a former one. */
  readonly anchorVersion: number;
}

/** One of the states that count beside each other. */
export type KeptState = ProvenState & VouchedState;
