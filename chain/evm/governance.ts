import type { GovernanceRole } from '../../core/ledger/records.ts';
import type { accessManagerAbi } from './generated/access-manager.ts';
import type { registryAbi } from './generated/registry.ts';

/** A governance role's number in OpenZeppelin's AccessManager, whose ADMIN_ROLE is 0. */
export const governanceRoleIds: Readonly<Record<GovernanceRole, bigint>> = {
  admin: 0n,
  publisher: 1n,
  approver: 2n,
  registrar: 3n,
  'policy-admin': 4n,
  revoker: 5n,
  guardian: 6n,
};

/**
 * A second role of every admin, which no event shows. AccessManager lets nobody be ADMIN_ROLE's guardian, so what
 * ADMIN_ROLE may call only an admin could cancel. What an admin may do therefore stands under this role, whose
 * guardian is `guardian`: for the registry's functions that decides who may call and who may cancel, for the manager's
 * own it decides who may cancel alone (who may call them is fixed in `AccessManager._getAdminRestrictions`).
 */
export const GUARDED_ADMIN_ROLE = 7n;

interface Entry {
  readonly type: string;
  readonly name?: string;
}
type Writes<Abi extends readonly Entry[]> = Extract<
  Abi[number],
  { readonly type: 'function'; readonly name: string; readonly stateMutability: 'nonpayable' }
>['name'];

/** The registry's functions that AccessManager guards, in the ABI's names. */
export type RestrictedFunction = Exclude<
  Writes<typeof registryAbi>,
  // Open to every active device, and to the manager alone: the contract itself sees to both.
  'anchorReceipts' | 'setAuthority'
>;

/** Which governance role may call which function of the registry; nobody else may, not even an admin. */
export const registryFunctionRoles: Readonly<Record<RestrictedFunction, GovernanceRole>> = {
  propose: 'publisher',
  proposeMany: 'publisher',
  approve: 'approver',
  approveMany: 'approver',
  revoke: 'revoker',
  setApprovalThreshold: 'admin',
  enrol: 'registrar',
  setDeviceStatus: 'registrar',
  setDeviceGroup: 'registrar',
  setDeviceProfile: 'registrar',
  setGrant: 'policy-admin',
  revokeGrant: 'policy-admin',
  setMember: 'policy-admin',
  removeMember: 'policy-admin',
};

/** The manager's functions that its admins may call (`AccessManager._getAdminRestrictions`), all of them delayed. */
export const managerAdminFunctions = [
  'labelRole',
  'grantRole',
  'revokeRole',
  'setRoleAdmin',
  'setRoleGuardian',
  'setGrantDelay',
  'setTargetAdminDelay',
  'setTargetClosed',
  'setTargetFunctionRole',
  'updateAuthority',
] as const satisfies readonly Writes<typeof accessManagerAbi>[];

/** The AccessManager role under which a function of `role` stands. */
export function functionRoleId(role: GovernanceRole): bigint {
  return role === 'admin' ? GUARDED_ADMIN_ROLE : governanceRoleIds[role];
}
