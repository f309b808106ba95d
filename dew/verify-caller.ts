import type { Account } from '../core/account.ts';
import type { Digest } from '../core/digest.ts';
import { DewproofError, hasCode } from '../core/errors.ts';
import { ANY_RESOURCE, type ResourceId } from '../core/ids.ts';
import { factsOf } from '../core/ledger/facts.ts';
import type { DeviceRecord, GovernanceRole } from '../core/ledger/records.ts';
import type { LedgerState } from '../core/ledger/state.ts';
import { verifyAccess, type Action } from '../core/policy.ts';
import type { Holding, Holdings } from './ledger/holdings.ts';

/** Who asks for what; `now` in Unix seconds. */
export interface CallerQuestion {
  readonly account: Account | undefined;
  readonly state: LedgerState;
  readonly now: bigint;
}

/** Whoever works on configurations sees what is or was approved, and may upload. */
const reviewers: readonly GovernanceRole[] = ['publisher', 'approver', 'registrar', 'revoker'];
/** What is only proposed is for those who decide about it, and for those whose next version goes on from it. */
const deciders: readonly GovernanceRole[] = ['publisher', 'approver'];

/** The signed caller. @throws UNAUTHENTICATED */
export function verifySigned({ account }: Pick<CallerQuestion, 'account'>): Account {
  if (account !== undefined) return account;
  throw new DewproofError('UNAUTHENTICATED', 'A dew serves nobody unnamed; sign the call.');
}

/** Tells whether the ledger gives the caller one of the roles that work on configurations. */
export function isReviewer(question: CallerQuestion): boolean {
  return hasRole(question, reviewers);
}

function hasRole({ account, state, now }: CallerQuestion, roles: readonly GovernanceRole[]): boolean {
  if (account === undefined) return false;
  return roles.some((role) => {
    const since = state.governance.get(role)?.get(account);
    return since !== undefined && since <= now;
  });
}

/** Tells whether some policy lets the caller read a resource. */
export function mayRead(question: CallerQuestion, resource: ResourceId): boolean {
  return may(question, { action: 'read', resource });
}

/** Lets a caller see how a rollout fares: reviewers, and whom a policy lets manage the resource. @throws UNAUTHENTICATED, FORBIDDEN */
export function verifyRolloutReader(question: CallerQuestion, resource: ResourceId): void {
  const account = verifySigned(question);
  if (isReviewer(question) || mayManage(question, resource)) return;
  throw forbidden(account, 'may not manage this resource');
}

/** Tells whether some policy lets the caller manage a resource: set its secrets, see how it fares. */
export function mayManage(question: CallerQuestion, resource: ResourceId): boolean {
  return may(question, { action: 'manage', resource });
}

function may(
  { account, state, now }: CallerQuestion,
  { action, resource }: { action: Action; resource: ResourceId },
): boolean {
  try {
    verifyAccess({ account, resource, action, now }, factsOf(state));
    return true;
  } catch (error) {
    if (hasCode(error, 'FORBIDDEN', 'UNAUTHENTICATED')) return false;
    throw error;
  }
}

/** Lets through a signed caller whom a policy lets manage every resource. @throws UNAUTHENTICATED, FORBIDDEN */
export function verifyManager(question: CallerQuestion): void {
  const { state, now } = question;
  const account = verifySigned(question);
  verifyAccess({ account, resource: ANY_RESOURCE, action: 'manage', now }, factsOf(state));
}

/** The refusal of a caller that no role and no policy lets look. @throws UNAUTHENTICATED */
export function mayNotLook(question: CallerQuestion): DewproofError {
  return forbidden(verifySigned(question), 'may not read this');
}

/** The device that calls, in good standing. @throws UNAUTHENTICATED, NOT_ENROLLED, SUSPENDED */
export function verifyDevice(question: CallerQuestion): DeviceRecord {
  const account = verifySigned(question);
  const device = question.state.devices.get(account);
  if (device === undefined) {
    throw new DewproofError('NOT_ENROLLED', `${account} is no device of this tenant; have it enrolled.`);
  }
  if (device.status === 'active') return device;
  throw new DewproofError('SUSPENDED', `This device is ${device.status} on the ledger; ask the registrar.`);
}

/**
 * Lets a caller read a document: a reviewer what is or was approved, a publisher or approver also what is only
 * proposed, a proposer what it proposed, a device what is active for its group, its own profile and those of the group's
 * edges. Strangers learn nothing of what is there.
 * @throws UNAUTHENTICATED, NOT_ENROLLED, SUSPENDED, FORBIDDEN
 */
export function verifyReader(
  question: CallerQuestion,
  { digest, holdings }: { digest: Digest; holdings: Holdings },
): void {
  const account = verifySigned(question);
  const held = holdings.get(digest);
  const roles = isOnlyProposed(held) ? deciders : reviewers;
  if (hasRole(question, roles) || held?.proposals.some(({ proposer }) => proposer === account)) return;
  const device = verifyDevice(question);
  if (held === undefined || !isForDevice(held, device)) throw forbidden(account, `has no use for ${digest}`);
}

/** Lets a caller upload: reviewers, and whoever proposed this very digest. @throws UNAUTHENTICATED, FORBIDDEN */
export function verifyUploader(
  question: CallerQuestion,
  { digest, holdings }: { digest: Digest; holdings: Holdings },
): void {
  const account = verifySigned(question);
  if (isReviewer(question)) return;
  if (holdings.get(digest)?.proposals.some(({ proposer }) => proposer === account)) return;
  throw forbidden(account, 'may not upload');
}

function isOnlyProposed(held: Holding | undefined): boolean {
  return held !== undefined && held.heads.length === 0 && held.devices.length === 0;
}

function isForDevice(held: Holding, { account, group }: DeviceRecord): boolean {
  const isActive = held.heads.some((head) => head.status === 'active' && head.group === group);
  // Edges of one group find each other by their profiles.
  const isPeer = held.devices.some((device) => device.kind === 'edge' && device.group === group);
  return isActive || isPeer || held.devices.some((device) => device.account === account);
}

function forbidden(account: Account, why: string): DewproofError {
  return new DewproofError('FORBIDDEN', `${account} ${why} according to the ledger; ask its admins for a role.`);
}
