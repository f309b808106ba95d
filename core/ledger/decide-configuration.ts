import type { Account } from '../account.ts';
import { DewproofError } from '../errors.ts';
import type { ResourceId } from '../ids.ts';
import { applyChange, draftOf } from './apply-change.ts';
import type { LedgerChange } from './events.ts';
import { proposalKey, versionKey } from './proposal-key.ts';
import type { Proposal } from './records.ts';
import type { LedgerState } from './state.ts';
import { MAX_VERSION_JUMP } from './version-jump.ts';

type Rule = (state: LedgerState, actor: Account, proposal: Proposal) => LedgerChange[];

/** What proposing a batch changes. @throws VERSION_NOT_NEWER, VERSION_TOO_FAR, REVOKED, ALREADY_PROPOSED */
export function decideProposals(state: LedgerState, actor: Account, proposals: readonly Proposal[]): LedgerChange[] {
  return inTurn(state, actor, { proposals, rule: propose });
}

/**
 * What approving a batch changes. A stale or revoked proposal is gone from the state, so its version answers first.
 * @throws VERSION_NOT_NEWER, REVOKED, NOT_FOUND, OWN_PROPOSAL, ALREADY_APPROVED
 */
export function decideApprovals(state: LedgerState, actor: Account, proposals: readonly Proposal[]): LedgerChange[] {
  return inTurn(state, actor, { proposals, rule: approve });
}

/**
 * What revoking a version changes: the head, or one still to come, so that every proposal for it dies.
 * @throws VERSION_NOT_NEWER (below the head), VERSION_TOO_FAR, ALREADY_REVOKED
 */
export function decideRevocation(
  state: LedgerState,
  actor: Account,
  { resource, version }: Pick<Proposal, 'resource' | 'version'>,
): LedgerChange[] {
  if (version !== headVersion(state, resource)) verifyNewer(state, { resource, version });
  // One less than may be proposed: were every open version revocable, a compromised revoker could close a resource
  // for good, even after its role is taken away.
  verifyNear(state, { resource, version, most: MAX_VERSION_JUMP - 1n });
  if (state.revoked.has(versionKey({ resource, version }))) {
    throw new DewproofError(
      'ALREADY_REVOKED',
      `Version ${version.toString()} is revoked already; nothing is left to do.`,
    );
  }
  return [{ type: 'version-revoked', resource, version, by: actor }];
}

function inTurn(
  state: LedgerState,
  actor: Account,
  { proposals, rule }: { proposals: readonly Proposal[]; rule: Rule },
): LedgerChange[] {
  const draft = draftOf(state);
  return proposals.flatMap((proposal) => {
    const changes = rule(draft.state, actor, proposal);
    for (const change of changes) applyChange(draft, change, 0n);
    return changes;
  });
}

function propose(state: LedgerState, proposer: Account, proposal: Proposal): LedgerChange[] {
  verifyNear(state, { ...proposal, most: MAX_VERSION_JUMP });
  verifyOpen(state, proposal);
  if (state.proposals.has(proposalKey(proposal))) {
    throw new DewproofError('ALREADY_PROPOSED', 'This very proposal was made before; have it approved.');
  }
  const fields = fieldsOf(proposal);
  const proposed = { type: 'configuration-proposed', ...fields, proposer } as const;
  return state.approvalThreshold > 0 ? [proposed] : [proposed, { type: 'configuration-activated', ...fields }];
}

function approve(state: LedgerState, approver: Account, proposal: Proposal): LedgerChange[] {
  verifyOpen(state, proposal);
  const known = state.proposals.get(proposalKey(proposal));
  if (known === undefined) throw new DewproofError('NOT_FOUND', 'Nobody proposed this; check all four fields.');
  if (known.proposer === approver) {
    throw new DewproofError('OWN_PROPOSAL', 'Nobody approves a proposal of their own; ask another approver.');
  }
  if (known.approvers.includes(approver)) {
    throw new DewproofError('ALREADY_APPROVED', `${approver} has approved this before; another approver is needed.`);
  }
  const fields = fieldsOf(proposal);
  const approved = { type: 'configuration-approved', ...fields, approver } as const;
  const enough = known.approvers.length + 1 >= state.approvalThreshold;
  return enough ? [approved, { type: 'configuration-activated', ...fields }] : [approved];
}

/** Refuses versions that can't become their resource's head any more. */
function verifyOpen(state: LedgerState, proposal: Proposal): void {
  verifyNewer(state, proposal);
  if (!state.revoked.has(versionKey(proposal))) return;
  throw new DewproofError('REVOKED', `Version ${proposal.version.toString()} is revoked for good; take a newer one.`);
}

function verifyNewer(state: LedgerState, { resource, version }: Pick<Proposal, 'resource' | 'version'>): void {
  const current = headVersion(state, resource);
  if (version > current) return;
  throw new DewproofError('VERSION_NOT_NEWER', `Version ${current.toString()} stands; take a newer one.`, {
    details: { resource, version, current },
  });
}

function verifyNear(
  state: LedgerState,
  { resource, version, most }: Pick<Proposal, 'resource' | 'version'> & { readonly most: bigint },
): void {
  const current = headVersion(state, resource);
  if (version <= current + most) return;
  const nearest = (current + most).toString();
  throw new DewproofError('VERSION_TOO_FAR', `The farthest version is ${nearest}; take a nearer one.`, {
    details: { resource, version, current },
  });
}

function headVersion(state: LedgerState, resource: ResourceId): bigint {
  return state.heads.get(resource)?.version ?? 0n;
}

function fieldsOf({ resource, version, digest, group }: Proposal): Proposal {
  return { resource, version, digest, group };
}
