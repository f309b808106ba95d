import type { Account } from '../account.ts';
import type { Digest } from '../digest.ts';
import type { RolloutOrder } from './order.ts';

/** A version of a resource and the digest of its document. */
export interface VersionRef {
  readonly version: bigint;
  readonly digest: Digest;
}

/** What a device knows when it asks what an order, that it accepted, has it do. */
export interface RolloutQuestion {
  readonly order: RolloutOrder;
  readonly account: Account;
  /** What the verified state says of the resource. */
  readonly head: VersionRef | undefined;
  readonly committed: VersionRef | undefined;
  /** What it had committed before the new version, kept for the way back. */
  readonly fallback: VersionRef | undefined;
  /** Whether the verified state still lets the author manage the resource. */
  readonly isPermitted: boolean;
  /** The new version failed here after it was committed. */
  readonly hasFailed: boolean;
  /** It went back before, under this order or an earlier one for the same version. */
  readonly hasReturned: boolean;
  /** So many canaries said themselves that they failed as the order allows. */
  readonly isHalted: boolean;
}

/** Why a device goes back. */
export type ReturnReason = 'failed' | 'aborted' | 'threshold';

/** What the order has a device do. */
export type RolloutStance =
  /** No order concerns the version on the ledger, or it is for all: as if there were none. */
  | { readonly kind: 'none' }
  /** Go on with what is committed, whatever it is. */
  | { readonly kind: 'hold' }
  /** Install the new version on probation. */
  | { readonly kind: 'try' }
  /** Go back to what was committed before. */
  | { readonly kind: 'return'; readonly reason: ReturnReason };

const HOLD: RolloutStance = { kind: 'hold' };

/**
 * Decides what an order has a device do. An order that was accepted holds the new version back for as long as that is
 * the ledger's, even if its author lost the right since: that starts nothing. Going back needs all of it: a permitted
 * author, the new version committed, the very old one kept, both those of the order.
 */
export function decideRollout(question: RolloutQuestion): RolloutStance {
  const { order, account, head, isPermitted } = question;
  if (!isSame(order.to, head) || order.phase === 'promoted') return { kind: 'none' };
  const reason = returnReason(question);
  if (reason !== undefined) return mayReturn(question) ? { kind: 'return', reason } : HOLD;
  const mayTry = isPermitted && order.phase === 'canary' && !question.hasReturned && order.canaries.includes(account);
  return mayTry ? { kind: 'try' } : HOLD;
}

function returnReason({ order, hasFailed, isHalted }: RolloutQuestion): ReturnReason | undefined {
  if (order.phase === 'aborted') return 'aborted';
  if (hasFailed) return 'failed';
  return isHalted ? 'threshold' : undefined;
}

function mayReturn({ order, committed, fallback, isPermitted }: RolloutQuestion): boolean {
  return isPermitted && isSame(order.to, committed) && isSame(order.from, fallback);
}

/** Tells whether an order's version is this one. */
export function isSame(named: RolloutOrder['to'], ref: VersionRef | undefined): boolean {
  return ref !== undefined && BigInt(named.version) === ref.version && named.digest === ref.digest;
}
