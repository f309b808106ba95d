import { existsSync } from 'node:fs';
import { deployTenant } from '../../chain/evm/deploy-tenant.ts';
import type { Member } from '../../chain/evm/plan-governance.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import type { TenantOptions } from '../commands/tenant-create.ts';
import { openAccount } from '../home/open-account.ts';
import { openHome } from '../home/open-home.ts';
import { writeDurably } from '../home/write-durably.ts';
import { progress, say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';

/**
 * Deploys a tenant as the home's account and writes its anchor into the home, over no other.
 * @throws CONFLICT (the home has an anchor), CONFIG, LEDGER_UNAVAILABLE, LEDGER_REJECTED
 */
export async function createTenant(name: Name, options: TenantOptions): Promise<void> {
  const home = await openHome(options.home);
  if (existsSync(home.anchorFile)) throw anchorExists(home.anchorFile);
  const deployer = await openAccount(home, options);
  progress('deploying in three transactions');
  const { anchor, accessManager, beginsAt } = await deployTenant({
    url: options.url,
    deployer,
    tenant: name,
    approvalThreshold: options.threshold,
    members: membersOf(options),
    adminDelaySeconds: options.adminDelay,
    confirmations: options.confirmations,
  });
  const text = `${JSON.stringify(anchor, undefined, 2)}\n`;
  await writeDurably(home.anchorFile, text, { replace: false, mode: 0o644 });
  const { chain, registry } = anchor;
  await printRecord(
    { tenant: name, chain, registry, accessManager, block: beginsAt.height, anchor: home.anchorFile },
    options.output,
  );
  say(
    'Hand the anchor to the users of the tenant. It trusts one node: for devices, `dewproof anchor create` makes one of witnesses or validators.',
  );
}

function membersOf(options: TenantOptions): readonly Member[] {
  const { publisher, approver, registrar, policyAdmin, revoker, guardian, admin } = options;
  const accounts = { publisher, approver, registrar, 'policy-admin': policyAdmin, revoker, guardian, admin } as const;
  return Object.entries(accounts).flatMap(([role, members]) =>
    members.map((account) => ({ account, role: role as Member['role'] })),
  );
}

function anchorExists(file: string): DewproofError {
  return new DewproofError(
    'CONFLICT',
    `${file} is a tenant's anchor already; choose another --home for another tenant.`,
  );
}
