import type { Account } from '../account.ts';
import type { Bytes32 } from '../digest.ts';
import type { LedgerCommand } from './commands.ts';
import type { EventBatch } from './events.ts';
import type { BlockRef, LedgerIdentity } from './records.ts';

/** What an adapter can do beyond the port's floor; the conformance suite branches on this, never on a name. */
export interface LedgerFeatures {
  /** A batch of proposals is one transaction, whole or not at all. */
  readonly atomicBatches: boolean;
  /** The ledger itself enforces governance delays and roles; where false, only the adapter does. */
  readonly enforcedGovernance: boolean;
  /** State outlives the process that the adapter talks to. */
  readonly durable: boolean;
}

/** A command that the ledger has taken up, in a block held for final. */
export interface Submitted {
  readonly transaction: Bytes32;
  readonly block: BlockRef;
}

/**
 * A tenant's ledger, read by anyone, written as one account. Adapters: chain/memory, chain/evm.
 * Contract: chain/conformance/ (a published suite; an adapter exports a factory).
 */
export interface Ledger {
  readonly supports: LedgerFeatures;
  /** The account that `submit` acts as; undefined for a read-only ledger. */
  readonly account: Account | undefined;
  /** @throws LEDGER_UNAVAILABLE, WRONG_CHAIN */
  identity(): Promise<LedgerIdentity>;
  /** The newest block held for final. @throws LEDGER_UNAVAILABLE */
  head(): Promise<BlockRef>;
  /**
   * The newest block, final or not; left out where every block is final at once. Who was told that something stands in
   * it waits until `head` is there. @throws LEDGER_UNAVAILABLE
   */
  readonly latest?: () => Promise<BlockRef>;
  /**
   * Every event after block `after` (from the beginning where undefined), each once and in order, without end until
   * `signal` aborts (then it returns) or, with `follow: false`, until the head it saw when called. It survives
   * losing its node: it reconnects with bounded backoff, reports through `onTrouble`, and resumes where it was.
   * @throws WRONG_CHAIN (another chain id, genesis or registry), EQUIVOCATION (`after`, or a block this iteration has
   * handed out, is not in this chain: another history), LEDGER_UNAVAILABLE (only with `follow: false`),
   * LEDGER_BEHIND (only with `follow: false`: the head is below `after`)
   */
  events(options: {
    readonly after: BlockRef | undefined;
    readonly follow: boolean;
    readonly signal: AbortSignal;
    readonly onTrouble?: (error: Error) => void;
  }): AsyncIterable<EventBatch>;
  /**
   * Has the ledger take up one command, as `account`; concurrent calls are ordered by the adapter.
   * @throws the ledger's own rules' codes (VERSION_NOT_NEWER, OWN_PROPOSAL, NOT_PERMITTED, …), LEDGER_REJECTED,
   * LEDGER_UNAVAILABLE (it may or may not have been taken up: read before repeating), KEY_MISSING (read-only)
   */
  submit(command: LedgerCommand): Promise<Submitted>;
  close(): Promise<void>;
}
