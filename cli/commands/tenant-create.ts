import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { durationMs } from '../../core/document/duration.ts';
import { parseName, type Name } from '../../core/ids.ts';
import type { GovernanceRole } from '../../core/ledger/records.ts';
import { addExamples } from '../help.ts';
import { argument, listArgument, optionsOf, parseUrl, parseWholeNumber, type GlobalOptions } from '../options.ts';

/** Each governance role's option, and what it may do. */
const roles: Readonly<Record<GovernanceRole, string>> = {
  publisher: 'may propose configurations',
  approver: 'may approve them, never its own',
  registrar: 'may enrol and suspend devices',
  'policy-admin': 'may grant and revoke access',
  revoker: 'may revoke a version at once',
  guardian: "may cancel an admin's change within its delay",
  admin: 'may change roles and the threshold, after the delay',
};

export interface TenantOptions extends GlobalOptions {
  readonly url: string;
  readonly threshold: number;
  readonly confirmations: number;
  readonly adminDelay: number;
  readonly publisher: readonly Account[];
  readonly approver: readonly Account[];
  readonly registrar: readonly Account[];
  readonly policyAdmin: readonly Account[];
  readonly revoker: readonly Account[];
  readonly guardian: readonly Account[];
  readonly admin: readonly Account[];
}

/** `dewproof tenant create`. */
export function addTenantCreate(tenant: Command): void {
  const command = tenant
    .command('create')
    .summary("deploy a tenant's registry and write its trust anchor")
    .description(
      `Deploy a tenant's registry and its AccessManager as the home's account, give the roles to those named, and write
the trust anchor (anchor.json) into the home. Hand the anchor to the users; it trusts one node. For devices,
\`dewproof anchor create\` makes one of it that trusts witnesses or validators instead.
The deploying account keeps no role that it is not given.`,
    )
    .argument('<name>', "the tenant's name", argument(parseName))
    .addOption(
      new Option('--url <url>', "a node's JSON-RPC address").argParser(argument(parseUrl)).makeOptionMandatory(),
    )
    .addOption(
      new Option('--threshold <n>', 'how many must approve a proposal, its proposer not counted')
        .argParser(argument((text) => parseWholeNumber(text, { min: 0, max: 1000 })))
        .default(1),
    )
    .addOption(
      new Option('--confirmations <n>', 'how many blocks deep a block counts as final')
        .argParser(argument((text) => parseWholeNumber(text, { min: 0, max: 1000 })))
        .default(0),
    )
    .addOption(
      new Option('--admin-delay <duration>', "how long an admin's change waits, in which a guardian may cancel it")
        .argParser(argument(parseSeconds))
        .default(86_400, '1d'),
    );
  for (const [role, what] of Object.entries(roles)) {
    command.addOption(
      new Option(`--${role} <account...>`, what).argParser(listArgument(parseAccount)).default([], 'none'),
    );
  }
  command.action(async (name: Name, _, self: Command) => {
    const { createTenant } = await import('../actions/tenant-create.ts');
    await createTenant(name, optionsOf<TenantOptions>(self));
  });
  addExamples(command, [
    [
      'Two of three operators approve what the publisher proposes',
      `dewproof tenant create greenfields --url http://127.0.0.1:8545 --threshold 2 --admin-delay 2d \\
    --publisher 0x… --approver 0x… 0x… 0x… --registrar 0x… --policy-admin 0x… --revoker 0x… --guardian 0x… --admin 0x…`,
    ],
  ]);
}

/** `0s` is no duration of a document's, but a development chain may want no delay. */
function parseSeconds(text: string): number {
  return text === '0s' || text === '0' ? 0 : Math.ceil(durationMs(text) / 1000);
}
