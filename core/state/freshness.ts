import type { Anchor } from './anchor.ts';

/** How far a fact of the ledger still counts, the best first. */
const degrees = ['FRESH', 'STALE', 'FROZEN'] as const;
export type Freshness = (typeof degrees)[number];

/** A fact's age and what an anchor says of ages; times in Unix seconds. */
export interface FreshnessQuestion {
  /** When a quorum last vouched for the fact; undefined where a node is trusted (`rpc`), which vouches for no time. */
  readonly vouchedAt: bigint | undefined;
  readonly now: bigint;
  readonly anchor: Pick<Anchor, 'staleAfter' | 'maxStaleness'>;
}

/**
 * Tells how far a fact counts: FRESH while it is younger than `staleAfter` seconds, FROZEN past `maxStaleness`, STALE in
 * between. Without a vouched time it counts as fresh: under `rpc` the node's word is all there is, and it has no age.
 */
export function freshnessOf({ vouchedAt, now, anchor }: FreshnessQuestion): Freshness {
  if (vouchedAt === undefined) return 'FRESH';
  const age = now - vouchedAt;
  if (age > BigInt(anchor.maxStaleness)) return 'FROZEN';
  return age < BigInt(anchor.staleAfter) ? 'FRESH' : 'STALE';
}

/** The freshness of what rests on several facts: that of the oldest. */
export function worstOf(all: readonly Freshness[]): Freshness {
  return all.reduce((worst, one) => (degrees.indexOf(one) > degrees.indexOf(worst) ? one : worst), 'FRESH');
}
