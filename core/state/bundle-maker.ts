import type { Account } from '../account.ts';
import type { Bytes32 } from '../digest.ts';
import type { GroupId } from '../ids.ts';
import type { BlockRef } from '../ledger/records.ts';
import type { LedgerState } from '../ledger/state.ts';

/** A block that counts by the anchor's finality. */
export interface VouchedBlock {
  readonly block: BlockRef;
  /** Unix seconds: when those who vouch for it did. */
  readonly attestedAt: bigint;
  /** The root of all of the registry's slots in it: blocks of one root say the same. */
  readonly storageRoot: Bytes32;
}

/** Whom a bundle is for: a group's devices together, or one account by itself, which is told of itself alone. */
export type Audience = { readonly group: GroupId } | { readonly account: Account };

/** What an audience is told, with the trie nodes that prove it: made once for each `storageRoot`. */
export interface PreparedFacts {
  readonly storageRoot: Bytes32;
  /** What is claimed. */
  readonly facts: Uint8Array;
  /** The nodes that prove it. */
  readonly slots: Uint8Array;
  readonly slotCount: number;
  /** The facts' names; hand those of facts that are no more back as `formerly`, and they are proved absent. */
  readonly tells: readonly string[];
  /** The accounts whose bundle this is. */
  readonly accounts: readonly Account[];
}

/** What vouches for prepared facts, made for each block: `head`, facts, `account` and slots one after another are a bundle. */
export interface BundleHead {
  readonly head: Uint8Array;
  readonly account: Uint8Array;
}

/** Makes proof bundles for a dew, out of what a node, and perhaps witnesses, answer; nothing of that is believed. */
export interface BundleMaker {
  /** What vouches for `block` by now; undefined where nothing does that was seen lately. @throws LEDGER_UNAVAILABLE, PROOF_INVALID, WRONG_CHAIN */
  vouch(block: BlockRef, signal: AbortSignal): Promise<VouchedBlock | undefined>;
  /**
   * Asks for the slots' proofs and checks them. `state` is that of the vouched block. `formerly` names what the
   * audience was told of and may have lost since: without it a revoked grant would stand until it grew stale.
   * @throws LEDGER_UNAVAILABLE, PROOF_INVALID (the node lies, or holds another state), ENDLESS_DATA (too much for a bundle)
   */
  prepare(
    request: {
      readonly state: LedgerState;
      readonly audience: Audience;
      readonly formerly: readonly string[];
      readonly vouched: VouchedBlock;
    },
    signal: AbortSignal,
  ): Promise<PreparedFacts>;
  /** Joins without asking anybody; a first bundle of facts is opened as a device would. @throws PROOF_INVALID and what `OpenState` throws */
  join(prepared: PreparedFacts, vouched: VouchedBlock): BundleHead;
  /**
   * Learns from a bundle that was made before, of whatever block, which changes of the validators were proved: a node
   * may have thrown away by now what proves them. Nothing of it is believed. @throws SCHEMA, TOO_DEEP, ENDLESS_DATA
   */
  recall(bundle: Uint8Array): void;
}
