import { actors, castRoles, type Actor, type TestTenant } from '../../chain/conformance/test-tenant.ts';
import { deployTenant, type DeployedTenant } from '../../chain/evm/deploy-tenant.ts';
import { openEvmLedger, type EvmLedgerOptions } from '../../chain/evm/evm-ledger.ts';
import type { LocalAccount } from '../../chain/evm/local-account.ts';
import type { Account } from '../../core/account.ts';
import { askNode, devAccount, type DevNode } from './nodes.ts';

/** A tenant of the conformance suite's cast on a development node, with what EVM tests need beyond the port. */
export interface EvmTenant extends TestTenant {
  readonly deployed: DeployedTenant;
  readonly keys: Readonly<Record<Actor, LocalAccount>>;
}

// Made once: each key costs 2,048 rounds of PBKDF2.
const keys = Object.fromEntries(actors.map((actor, index) => [actor, devAccount(index + 1)])) as Record<
  Actor,
  LocalAccount
>;

/** The development account that deploys; none of the cast. */
export const deployer = devAccount(0);

/** Deploys a tenant as the suite wants it: admins act at once. The node needs 12 funded development accounts. */
export async function deployEvmTenant(
  node: Pick<DevNode, 'url'>,
  {
    approvalThreshold = 1,
    confirmations = 0,
    ...options
  }: { readonly approvalThreshold?: number; readonly confirmations?: number } & EvmLedgerOptions = {},
): Promise<EvmTenant> {
  const members = actors.flatMap((actor) => castRoles[actor].map((role) => ({ account: keys[actor].account, role })));
  const deployed = await deployTenant({
    url: node.url,
    deployer,
    tenant: 'greenfields',
    approvalThreshold,
    members,
    adminDelaySeconds: 0,
    confirmations,
  });
  const accounts = Object.fromEntries(actors.map((actor) => [actor, keys[actor].account])) as Record<Actor, Account>;
  return {
    accounts,
    keys,
    deployed,
    openLedger: (actor) =>
      openEvmLedger({ anchor: deployed.anchor, pollMs: 20, ...options, signer: actor && keys[actor] }),
    mine: async () => {
      await askNode(node, { method: 'evm_mine' });
    },
    close: () => Promise.resolve(),
  };
}
