import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { verifyAccess } from '../../core/policy.ts';
import { nowOf } from '../ledger/now.ts';

/** Verifies that devices will believe what an account signs: the ledger lets it manage the resource. @throws FORBIDDEN */
export function verifyManager({
  tenant,
  name,
  account,
  state,
  what,
}: {
  readonly tenant: Name;
  readonly name: Name;
  readonly account: Account;
  readonly state: LedgerState;
  /** What it signs, in words. */
  readonly what: 'rollout orders' | 'secrets';
}): void {
  const resource = resourceIdOf({ tenant, name });
  try {
    verifyAccess({ account, resource, action: 'manage', now: nowOf(state) }, factsOf(state));
  } catch (error) {
    if (!hasCode(error, 'FORBIDDEN')) throw error;
    throw new DewproofError(
      'FORBIDDEN',
      `No device believes ${what} of ${account}: have it granted \`dewproof policy grant --resource ${name} --account ${account} --actions manage\`.`,
    );
  }
}
