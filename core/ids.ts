import { createHash } from 'node:crypto';
import type { Account } from './account.ts';
import type { Bytes32 } from './digest.ts';
import { DewproofError } from './errors.ts';

/** A resource's id on every ledger: SHA-256 of `resource/<tenant>/<name>`. */
export type ResourceId = Bytes32;
/** A group's id on every ledger: SHA-256 of `group/<tenant>/<name>`. */
export type GroupId = Bytes32;
/** A policy role's id on every ledger: SHA-256 of `role/<tenant>/<name>`. */
export type RoleId = Bytes32;
/** Who a grant is for: an account (left-padded), a role's id, or `ANYONE`. */
export type SubjectId = Bytes32;

/** A tenant's, resource's, group's or role's name: 1 to 63 of `a-z 0-9 -`, as a DNS label (RFC 1123). */
export type Name = string;

/** What `isName` tests, for schemas that print it. */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** All 0xff: as a subject every caller, signed or not; as a resource every resource of the tenant. */
export const ANYONE: SubjectId = `0x${'ff'.repeat(32)}`;
export const ANY_RESOURCE: ResourceId = `0x${'ff'.repeat(32)}`;

/** Tells whether `value` is a name; names have no `/`, so an id's preimage reads one way only. */
export function isName(value: unknown): value is Name {
  return typeof value === 'string' && NAME_PATTERN.test(value);
}

/** Parses a name. @throws SCHEMA */
export function parseName(value: unknown): Name {
  if (isName(value)) return value;
  throw new DewproofError('SCHEMA', 'A name has 1 to 63 of a-z, 0-9 and -, and neither begins nor ends with -.');
}

function idOf(kind: 'resource' | 'group' | 'role', scope: { tenant: Name; name: Name }): Bytes32 {
  const preimage = `${kind}/${parseName(scope.tenant)}/${parseName(scope.name)}`;
  return `0x${createHash('sha256').update(preimage).digest('hex')}`;
}

/** The ledger's id of a tenant's resource. @throws SCHEMA */
export function resourceIdOf(scope: { tenant: Name; name: Name }): ResourceId {
  return idOf('resource', scope);
}

/** The ledger's id of a tenant's group. @throws SCHEMA */
export function groupIdOf(scope: { tenant: Name; name: Name }): GroupId {
  return idOf('group', scope);
}

/** The ledger's id of a tenant's policy role. @throws SCHEMA */
export function roleIdOf(scope: { tenant: Name; name: Name }): RoleId {
  return idOf('role', scope);
}

/** An account as a grant's subject: its address in the low 20 of 32 bytes. */
export function accountSubject(account: Account): SubjectId {
  return `0x${'00'.repeat(12)}${account.slice(2)}`;
}

/** Tells whether a subject is an account: no role's id begins with 12 zero bytes (nobody finds such a SHA-256). */
export function isAccountSubject(subject: SubjectId): boolean {
  return subject.startsWith(`0x${'00'.repeat(12)}`);
}
