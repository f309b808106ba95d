import type { Bytes32 } from '../digest.ts';
import type { DewproofError } from '../errors.ts';
import type { Anchor, AnchorOf } from './anchor.ts';
import type { VerifiedState } from './verified-state.ts';

/**
 * Opens a bundle against the device's anchor: pure, synchronous, or throws.
 * `now` in Unix seconds.
 * @throws PROOF_INVALID, WRONG_CHAIN, SCHEMA, ENDLESS_DATA
 */
export type OpenState = (bundle: Uint8Array, anchor: Anchor, now: bigint) => VerifiedState;

/** Where a device gets bundles from; what it yields is hostile until `OpenState` has opened it. */
export interface StateSource {
  /**
   * Yields a bundle at once where the source has one newer than `known`, then after every change that concerns the
   * device and at least every `maxQuietMs` for a newer head; ends when `signal` aborts. Troubles (source gone, behind) go to `onTrouble`
   * and are retried inside; that it was heard and has nothing newer than what was taken goes to `onNothingNewer`, where a
   * source can tell. @throws WRONG_CHAIN, EQUIVOCATION
   */
  watch(options: {
    readonly known: Uint8Array | undefined;
    readonly signal: AbortSignal;
    readonly onTrouble: (error: Error) => void;
    readonly onNothingNewer?: () => void;
  }): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A time that witnesses told, in Unix seconds: it was `attestedAt` at least and `latestAt` at most. */
export interface ToldTime {
  /** At least one honest witness did not exceed it. */
  readonly attestedAt: bigint;
  /** At least one honest witness did not stay below it. */
  readonly latestAt: bigint;
}

/**
 * Has a quorum of the anchor's witnesses sign a nonce (32 bytes) that nobody knew before, and answers the time when it was
 * asked: how a device sees time that it spent without power.
 * @throws QUORUM (too few answered well), and what `signal` aborts with
 */
export type AskNonce = (question: {
  readonly nonce: Bytes32;
  readonly anchor: AnchorOf<'witnesses'>;
  readonly signal: AbortSignal;
  /** Hears of each dew that was to carry the question and answered badly, also where another one helped out. */
  readonly onRefusal: (refusal: { readonly url: string; readonly error: DewproofError }) => void;
}) => Promise<ToldTime>;
