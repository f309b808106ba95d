import type { LedgerIdentity } from './records.ts';

/** Tells whether two identities are of one ledger: chain, first block and contract, whose hexadecimal has no case. */
export function isSameLedger([one, other]: readonly [LedgerIdentity, LedgerIdentity]): boolean {
  return (
    one.chain === other.chain &&
    one.genesis === other.genesis &&
    one.registry.toLowerCase() === other.registry.toLowerCase()
  );
}
