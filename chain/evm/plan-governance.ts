import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { governanceRoles, type GovernanceRole } from '../../core/ledger/records.ts';
import { accessManagerInterface } from './access-manager-interface.ts';
import {
  functionRoleId,
  governanceRoleIds,
  GUARDED_ADMIN_ROLE,
  managerAdminFunctions,
  registryFunctionRoles,
} from './governance.ts';
import { registryInterface } from './registry-interface.ts';

/** An account and the governance role that it is to have. */
export interface Member {
  readonly account: Account;
  readonly role: GovernanceRole;
}

/** What a tenant's governance is set up from. */
export interface GovernanceInput {
  readonly manager: Account;
  readonly registry: Account;
  readonly deployer: Account;
  readonly members: readonly Member[];
  readonly adminDelaySeconds: number;
}

/** Ten years: a typing error in the delay would otherwise lock a tenant's roles for good. */
const MAX_ADMIN_DELAY_SECONDS = 10 * 365 * 86_400;

/** Refuses a governance that nobody could change, or whose admins nobody could stop. @throws CONFIG */
export function verifyMembers({
  members,
  adminDelaySeconds,
}: Pick<GovernanceInput, 'members' | 'adminDelaySeconds'>): void {
  const admins = membersOf(members, 'admin');
  if (admins.length === 0) {
    throw new DewproofError('CONFIG', 'A tenant needs an admin, or its roles could never change; name one.');
  }
  if (membersOf(members, 'guardian').every((guardian) => admins.includes(guardian))) {
    throw new DewproofError(
      'CONFIG',
      'A tenant needs a guardian who is no admin, to stop a stolen admin key; name one.',
    );
  }
  if (!Number.isInteger(adminDelaySeconds) || adminDelaySeconds < 0 || adminDelaySeconds > MAX_ADMIN_DELAY_SECONDS) {
    throw new DewproofError('CONFIG', "An admin's delay is a whole number of seconds up to ten years; correct it.");
  }
}

/**
 * The access manager's calls that set a tenant up, as `0x` data for one `multicall`: all of it stands, or nothing.
 * Its own `setTargetAdminDelay` and `setGrantDelay` take five days to take effect (`minSetback`), so what makes admins
 * wait from the first block is the execution delay of their grants; the former catches an admin granted none later.
 */
export function planGovernance(input: GovernanceInput): readonly string[] {
  const { manager, registry, adminDelaySeconds } = input;
  return [
    ...labelCalls(),
    ...guardianCalls(),
    ...functionCalls(input),
    ...[registry, manager].map((target) => call('setTargetAdminDelay', [target, adminDelaySeconds])),
    ...memberCalls(input),
  ];
}

function labelCalls(): readonly string[] {
  const labelled = governanceRoles.filter((role) => role !== 'admin'); // AccessManager locks the label of ADMIN_ROLE
  return [
    ...labelled.map((role) => call('labelRole', [governanceRoleIds[role], role])),
    call('labelRole', [GUARDED_ADMIN_ROLE, 'guarded-admin']),
  ];
}

function guardianCalls(): readonly string[] {
  return governanceRoles
    .filter((role) => role !== 'guardian')
    .map((role) => call('setRoleGuardian', [functionRoleId(role), governanceRoleIds.guardian]));
}

function functionCalls({ manager, registry }: GovernanceInput): readonly string[] {
  const names = Object.entries(registryFunctionRoles);
  const byRole = Map.groupBy(names, ([, role]) => functionRoleId(role));
  const ofRegistry = [...byRole].map(([roleId, functions]) => {
    const selectors = functions.map(([name]) => registryInterface.getFunction(name)?.selector);
    return call('setTargetFunctionRole', [registry, selectors, roleId]);
  });
  const selectors = managerAdminFunctions.map((name) => accessManagerInterface.getFunction(name)?.selector);
  return [...ofRegistry, call('setTargetFunctionRole', [manager, selectors, GUARDED_ADMIN_ROLE])];
}

/** Admins come last and the deployer last of all: from then on it can do nothing at once any more. */
function memberCalls({ members, deployer, adminDelaySeconds }: GovernanceInput): readonly string[] {
  const appointed = governanceRoles
    .filter((role) => role !== 'admin')
    .flatMap((role) =>
      membersOf(members, role).map((account) => call('grantRole', [governanceRoleIds[role], account, 0])),
    );
  const admins = membersOf(members, 'admin');
  const others = admins.filter((account) => account !== deployer);
  const grants = [GUARDED_ADMIN_ROLE, governanceRoleIds.admin];
  return [
    ...appointed,
    ...others.flatMap((account) => grants.map((role) => call('grantRole', [role, account, adminDelaySeconds]))),
    ...(admins.includes(deployer)
      ? grants.map((role) => call('grantRole', [role, deployer, adminDelaySeconds]))
      : [call('renounceRole', [governanceRoleIds.admin, deployer])]),
  ];
}

function membersOf(members: readonly Member[], role: GovernanceRole): readonly Account[] {
  return [...new Set(members.filter((member) => member.role === role).map(({ account }) => account))];
}

function call(name: string, args: readonly unknown[]): string {
  return accessManagerInterface.encodeFunctionData(name, args);
}
