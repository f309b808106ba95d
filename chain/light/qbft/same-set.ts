import type { Account } from '../../../core/account.ts';

/** Tells whether two sets of validators, both ascending, are the same. */
export function sameSet(one: readonly Account[], other: readonly Account[]): boolean {
  return one.length === other.length && one.every((account, index) => account === other[index]);
}
