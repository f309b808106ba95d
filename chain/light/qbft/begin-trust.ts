import type { TrustedValidators } from './follow-validators.ts';
import type { QbftFinality } from './verify-qbft.ts';

/** Whom an anchor trusts before anything changed them. */
export function beginTrust({ validators, height }: Pick<QbftFinality, 'validators' | 'height'>): TrustedValidators {
  return { validators, height: BigInt(height), time: undefined, ballots: [], isVoted: false };
}
