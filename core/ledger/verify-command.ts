import type { Account } from '../account.ts';
import type { Bytes32, Digest } from '../digest.ts';
import { DewproofError, type ErrorCode } from '../errors.ts';
import { ANYONE, isAccountSubject } from '../ids.ts';
import { actionBits } from '../policy.ts';
import type { LedgerCommand } from './commands.ts';
import type { Proposal } from './records.ts';

const UINT32_MAX = 2 ** 32 - 1;
const UINT64_MAX = 2n ** 64n - 1n;
const ZERO_ID: Bytes32 = `0x${'00'.repeat(32)}`;
const ZERO_DIGEST: Digest = `sha256:${'00'.repeat(32)}`;
const ZERO_ACCOUNT: Account = `0x${'00'.repeat(20)}`;

/**
 * Refuses commands that make no sense on any ledger in any state, before one is asked; adapters call it first, so
 * that all of them answer with the same code.
 * @throws SCHEMA, EMPTY_BATCH, INVALID_GRANT
 */
export function verifyCommand(command: LedgerCommand): void {
  switch (command.type) {
    case 'propose':
    case 'approve':
      demand(command.proposals.length > 0, 'EMPTY_BATCH', 'a batch has at least one proposal');
      command.proposals.forEach(verifyProposal);
      return;
    case 'revoke':
      verifyVersion(command);
      return;
    case 'enrol-device':
      demand(command.account !== ZERO_ACCOUNT, 'SCHEMA', 'the zero account stands for unsigned callers');
      return;
    case 'set-approval-threshold':
      demand(isUint32(command.threshold), 'SCHEMA', 'a threshold is a number from 0 to 4294967295');
      return;
    case 'set-grant':
      verifyGrant(command);
      return;
    case 'set-member':
      verifyMember(command);
      return;
    case 'anchor-receipts':
      demand(isUint32(command.count), 'SCHEMA', 'a count is a number up to 4294967295');
      demand(command.count > 0 && command.root !== ZERO_ID, 'EMPTY_BATCH', 'a batch has a root and a receipt');
      return;
    case 'set-device-status':
    case 'set-device-group':
    case 'set-device-profile':
    case 'revoke-grant':
    case 'remove-member':
      return;
  }
}

function verifyProposal(proposal: Proposal): void {
  verifyVersion(proposal);
  const complete = proposal.digest !== ZERO_DIGEST && proposal.group !== ZERO_ID;
  demand(complete, 'SCHEMA', 'a proposal names a document and a group');
}

function verifyVersion({ resource, version }: Pick<Proposal, 'resource' | 'version'>): void {
  demand(resource !== ZERO_ID, 'SCHEMA', 'the zero id is no resource');
  demand(version > 0n && isUint64(version), 'SCHEMA', 'a version is a number from 1 to 2^64 - 1');
}

function verifyGrant(command: Extract<LedgerCommand, { type: 'set-grant' }>): void {
  const named = command.resource !== ZERO_ID && command.subject !== ZERO_ID;
  demand(named, 'INVALID_GRANT', 'a grant names a resource and a subject');
  demand(actionBits(command.actions) !== 0, 'INVALID_GRANT', 'a grant permits at least one action');
  demand(isUint64(command.expiresAt), 'INVALID_GRANT', 'an expiry is a number of Unix seconds');
}

function verifyMember({ role, account, expiresAt }: Extract<LedgerCommand, { type: 'set-member' }>): void {
  demand(role !== ANYONE && !isAccountSubject(role), 'INVALID_GRANT', 'a role is neither anyone nor an account');
  demand(account !== ZERO_ACCOUNT, 'INVALID_GRANT', 'the zero account stands for unsigned callers');
  demand(isUint64(expiresAt), 'INVALID_GRANT', 'an expiry is a number of Unix seconds');
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= UINT32_MAX;
}

function isUint64(value: bigint): boolean {
  return value >= 0n && value <= UINT64_MAX;
}

function demand(holds: boolean, code: ErrorCode, rule: string): void {
  if (!holds) throw new DewproofError(code, `The ledger can't take this up: ${rule}. Correct it and try again.`);
}
