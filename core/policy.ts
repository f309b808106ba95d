import type { Account } from './account.ts';
import { DewproofError } from './errors.ts';
import { ANYONE, ANY_RESOURCE, accountSubject, type ResourceId, type RoleId, type SubjectId } from './ids.ts';

/** What a grant can permit, in the order of its bits on the ledger (Eclipse Ditto's rule: write does not imply read). */
export const actions = ['read', 'write', 'invoke', 'manage'] as const;
export type Action = (typeof actions)[number];

/** The ledger's form of an expiry that never comes: the largest uint64. */
export const NEVER = 2n ** 64n - 1n;

/** A grant as the ledger holds it; times are Unix seconds, a grant holds while `now < expiresAt`. */
export interface Grant {
  readonly resource: ResourceId;
  readonly subject: SubjectId;
  readonly actions: readonly Action[];
  /** True where the grant outlives freshness: it holds on a device that has lost the chain. */
  readonly offline: boolean;
  readonly expiresAt: bigint;
}

/** What `findGrant` needs to know of a state; both a reduced ledger state and a verified state are one. */
export interface PolicyFacts {
  grant(resource: ResourceId, subject: SubjectId): Grant | undefined;
  /** Until when (Unix seconds) `account` has `role`; undefined where it never had or lost it. */
  memberUntil(role: RoleId, account: Account): bigint | undefined;
  /** Roles that some grant on `resource` or on every resource names. */
  rolesNamedFor(resource: ResourceId): readonly RoleId[];
}

/** The question a device asks of its policies; `account` is undefined for an unsigned call, `now` in Unix seconds. */
export interface AccessQuestion {
  readonly account: Account | undefined;
  readonly resource: ResourceId;
  readonly action: Action;
  readonly now: bigint;
}

declare const verified: unique symbol;
/** A grant that covers one call, found by `verifyAccess` alone. */
export type VerifiedGrant = Grant & { readonly [verified]: 'grant' };

/** Actions as the ledger's bits: read 1, write 2, invoke 4, manage 8. */
export function actionBits(of: readonly Action[]): number {
  return of.reduce((bits, action) => bits | (1 << actions.indexOf(action)), 0);
}

/** The actions that the ledger's bits stand for. */
export function actionsOfBits(bits: number): readonly Action[] {
  return actions.filter((_, index) => (bits & (1 << index)) !== 0);
}

/**
 * Finds the grant that lets a call in, or refuses it: deny by default, expiry in the caller's favour never.
 * @throws FORBIDDEN (signed caller), UNAUTHENTICATED (unsigned caller that signing might help)
 */
export function verifyAccess(question: AccessQuestion, facts: PolicyFacts): VerifiedGrant {
  for (const resource of [question.resource, ANY_RESOURCE]) {
    for (const subject of subjectsOf(question, facts)) {
      const grant = facts.grant(resource, subject);
      if (grant?.actions.includes(question.action) && question.now < grant.expiresAt) return grant as VerifiedGrant;
    }
  }
  if (question.account === undefined) {
    throw new DewproofError(
      'UNAUTHENTICATED',
      'No policy lets anyone do this; sign the call with a permitted account.',
    );
  }
  throw new DewproofError(
    'FORBIDDEN',
    `No policy on the ledger lets ${question.account} ${question.action} this resource; ask for a grant.`,
  );
}

function subjectsOf({ account, resource, now }: AccessQuestion, facts: PolicyFacts): readonly SubjectId[] {
  if (account === undefined) return [ANYONE];
  const roles = facts.rolesNamedFor(resource).filter((role) => now < (facts.memberUntil(role, account) ?? 0n));
  return [ANYONE, accountSubject(account), ...roles];
}
