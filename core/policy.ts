import type { Account } from './account.ts';
import { DewproofError } from './errors.ts';
import {
  ANYONE,
  ANY_RESOURCE,
  accountSubject,
  isAccountSubject,
  type ResourceId,
  type RoleId,
  type SubjectId,
} from './ids.ts';
import { worstOf, type Freshness } from './state/freshness.ts';
import type { FactKey } from './state/verified-state.ts';

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
  /** How old facts are; all count fully where left out. */
  readonly aging?: FactAging;
}

/** How far a fact still counts, and when (Unix seconds) it was last vouched for. */
export interface FactAging {
  readonly freshnessOf: (fact: FactKey) => Freshness;
  readonly vouchedAt: (fact: FactKey) => bigint | undefined;
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
 * Finds the grant that lets a call in, or refuses it: deny by default, expiry in the caller's favour never. On policies
 * that are no longer fresh, only reading goes on, and on frozen ones nothing, but by grants that are marked offline.
 * @throws FORBIDDEN (signed caller), UNAUTHENTICATED (unsigned caller that signing might help), FREEZE (too old)
 */
export function verifyAccess(question: AccessQuestion, facts: PolicyFacts): VerifiedGrant {
  const grants = grantsFor(question, facts);
  const found = grants.find((grant) => holds(grant, question));
  if (found !== undefined) return found as VerifiedGrant;
  if (grants.length > 0) throw tooOld(grants, question);
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

/** The unexpired grants of the action to the caller, whatever their age. */
function grantsFor(question: AccessQuestion, facts: PolicyFacts): readonly Grant[] {
  const subjects = subjectsOf(question, facts);
  return [question.resource, ANY_RESOURCE]
    .flatMap((resource) => subjects.map((subject) => facts.grant(resource, subject)))
    .filter((grant) => grant !== undefined)
    .filter(({ actions: may, expiresAt }) => may.includes(question.action) && question.now < expiresAt);
}

function holds(grant: Grant, question: AccessQuestion): boolean {
  const { action, aging } = question;
  // An operator marks as offline what is to outlive the chain, and a role's members with it.
  if (grant.offline || aging === undefined) return true;
  const freshness = worstOf(factsBehind(grant, question).map(aging.freshnessOf));
  return freshness === 'FRESH' || (freshness === 'STALE' && action === 'read');
}

function factsBehind({ resource, subject }: Grant, { account }: AccessQuestion): readonly FactKey[] {
  const isRole = subject !== ANYONE && !isAccountSubject(subject);
  const member: readonly FactKey[] =
    isRole && account !== undefined ? [{ kind: 'member', role: subject, account }] : [];
  return [{ kind: 'grant', resource, subject }, ...member];
}

function tooOld(grants: readonly Grant[], question: AccessQuestion): DewproofError {
  const times = grants
    .flatMap((grant) => factsBehind(grant, question))
    .flatMap((fact) => question.aging?.vouchedAt(fact) ?? []);
  const oldest = times.reduce((least, time) => (time < least ? time : least), question.now);
  const hours = ((question.now - oldest) / 3600n).toString();
  return new DewproofError(
    'FREEZE',
    `This device's policies were last proved ${hours} hours ago, which is too old to ${question.action} by them: have it reach a dew server or another edge that has newer ones.`,
    { details: { oldest } },
  );
}

function subjectsOf({ account, resource, now }: AccessQuestion, facts: PolicyFacts): readonly SubjectId[] {
  if (account === undefined) return [ANYONE];
  const roles = facts.rolesNamedFor(resource).filter((role) => now < (facts.memberUntil(role, account) ?? 0n));
  return [ANYONE, accountSubject(account), ...roles];
}
