import type { Account } from '../account.ts';
import { DewproofError } from '../errors.ts';
import type { LedgerCommand } from './commands.ts';
import { decideApprovals, decideProposals, decideRevocation } from './decide-configuration.ts';
import { decideAnchoring, decideDeviceChange, decideEnrolment } from './decide-device.ts';
import { decideGrant, decideGrantRevocation, decideMember, decideMemberRemoval } from './decide-policy.ts';
import type { LedgerChange } from './events.ts';
import { roleNeeded } from './permissions.ts';
import type { LedgerState } from './state.ts';
import { verifyCommand } from './verify-command.ts';

/**
 * What a command changes, or why the ledger refuses it: the rules of contracts/Registry.sol, for ledgers that have
 * no contracts. `now` in Unix seconds. A batch is taken up whole or not at all, and sees its own earlier effects.
 * @throws NOT_PERMITTED, SCHEMA, EMPTY_BATCH, VERSION_NOT_NEWER, VERSION_TOO_FAR, REVOKED, ALREADY_PROPOSED,
 * NOT_FOUND, OWN_PROPOSAL, ALREADY_APPROVED, ALREADY_REVOKED, ALREADY_ENROLLED, NOT_ENROLLED, INVALID_TRANSITION,
 * INVALID_GRANT, NO_GRANT, NO_MEMBER, SUSPENDED, ALREADY_ANCHORED
 */
export function decideCommand(
  state: LedgerState,
  { actor, command, now }: { actor: Account; command: LedgerCommand; now: bigint },
): LedgerChange[] {
  verifyCommand(command);
  verifyPermitted(state, { actor, type: command.type, now });
  switch (command.type) {
    case 'enrol-device':
      return decideEnrolment(state, command);
    case 'set-device-status':
    case 'set-device-group':
    case 'set-device-profile':
      return decideDeviceChange(state, command);
    case 'propose':
      return decideProposals(state, actor, command.proposals);
    case 'approve':
      return decideApprovals(state, actor, command.proposals);
    case 'revoke':
      return decideRevocation(state, actor, command);
    case 'set-approval-threshold':
      return [{ type: 'approval-threshold-changed', threshold: command.threshold }];
    case 'set-grant':
      return decideGrant(command, now);
    case 'revoke-grant':
      return decideGrantRevocation(state, command);
    case 'set-member':
      return decideMember(command, now);
    case 'remove-member':
      return decideMemberRemoval(state, command);
    case 'anchor-receipts':
      return decideAnchoring(state, actor, command);
  }
}

function verifyPermitted(
  state: LedgerState,
  { actor, type, now }: { actor: Account; type: LedgerCommand['type']; now: bigint },
): void {
  const role = roleNeeded[type];
  if (role === undefined) return;
  const since = state.governance.get(role)?.get(actor);
  if (since !== undefined && since <= now) return;
  throw new DewproofError('NOT_PERMITTED', `${actor} is no ${role} of this tenant (now); ask its admin for the role.`, {
    details: { role, since },
  });
}
