import type { Interface } from 'ethers/abi';
import { parseAccount, type Account } from '../../core/account.ts';
import { governanceRoles, type GovernanceRole } from '../../core/ledger/records.ts';
import { accessManagerInterface } from './access-manager-interface.ts';
import { governanceRoleIds, GUARDED_ADMIN_ROLE } from './governance.ts';
import { registryInterface } from './registry-interface.ts';

/** What an admin may have changed, after the delay. */
export type GovernanceChange =
  | {
      readonly type: 'grant-role';
      readonly role: GovernanceRole;
      readonly account: Account;
      /** How long what the account does as a member of the role must wait; 0: not at all. */
      readonly executionDelaySeconds: number;
    }
  | { readonly type: 'revoke-role'; readonly role: GovernanceRole; readonly account: Account }
  | { readonly type: 'set-approval-threshold'; readonly threshold: number };

/** A call of one of a tenant's two contracts; `data` as `0x` and hexadecimal digits. */
export interface GovernanceCall {
  readonly target: Account;
  readonly data: string;
}

/** A tenant's contracts. */
export interface GovernedContracts {
  readonly manager: Account;
  readonly registry: Account;
}

/** The calls that a change is made of: an admin has two roles (`GUARDED_ADMIN_ROLE`), everything else is one call. */
export function callsOf(change: GovernanceChange, { manager, registry }: GovernedContracts): readonly GovernanceCall[] {
  switch (change.type) {
    case 'grant-role':
      return roleIdsOf(change.role).map((id) => ({
        target: manager,
        data: encode(accessManagerInterface, 'grantRole', [id, change.account, change.executionDelaySeconds]),
      }));
    case 'revoke-role':
      return roleIdsOf(change.role).map((id) => ({
        target: manager,
        data: encode(accessManagerInterface, 'revokeRole', [id, change.account]),
      }));
    case 'set-approval-threshold':
      return [{ target: registry, data: encode(registryInterface, 'setApprovalThreshold', [change.threshold]) }];
  }
}

const MAX_WORDS = 400;

/**
 * A call in words: what it does to roles, accounts and the threshold, else the function by its name. What nobody can
 * read is said to be so: it must not pass for harmless.
 */
export function describeCall({ target, data }: GovernanceCall, { manager, registry }: GovernedContracts): string {
  const contract = target === manager ? accessManagerInterface : target === registry ? registryInterface : undefined;
  const parsed = contract && parseCall(contract, data);
  if (!parsed) return `call a function that is not known (${data.slice(0, 10)}) of ${target}`;
  const { name, args } = parsed;
  const words =
    wordsOf(name, args) ?? `${target === manager ? 'AccessManager' : 'Registry'}.${name}(${args.map(show).join(', ')})`;
  return words.length <= MAX_WORDS ? words : `${words.slice(0, MAX_WORDS)}… (cut)`;
}

function wordsOf(name: string, args: readonly unknown[]): string | undefined {
  switch (name) {
    case 'grantRole': {
      const [role, account, delay] = args as [bigint, string, bigint];
      const waiting = delay === 0n ? '' : `, who must wait ${delay} s before each act`;
      return `make ${parseAccount(account)} a member of ${roleName(role)}${waiting}`;
    }
    case 'revokeRole': {
      const [role, account] = args as [bigint, string];
      return `take ${roleName(role)} from ${parseAccount(account)}`;
    }
    case 'setApprovalThreshold':
      return `have ${String(args[0])} approvals activate a version`;
    default:
      return undefined;
  }
}

/** A role by its name; one that is none of ours by its number. */
export function roleName(id: bigint): string {
  if (id === GUARDED_ADMIN_ROLE) return 'guarded-admin';
  return governanceRoles.find((role) => governanceRoleIds[role] === id) ?? `role ${id}`;
}

function roleIdsOf(role: GovernanceRole): readonly bigint[] {
  return role === 'admin' ? [GUARDED_ADMIN_ROLE, governanceRoleIds.admin] : [governanceRoleIds[role]];
}

function parseCall(contract: Interface, data: string) {
  try {
    const parsed = contract.parseTransaction({ data });
    return parsed && { name: parsed.name, args: parsed.args.toArray() as readonly unknown[] };
  } catch {
    return undefined; // a known selector with arguments that do not decode
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value);
}

function encode(contract: Interface, name: string, args: readonly unknown[]): string {
  return contract.encodeFunctionData(name, args);
}
